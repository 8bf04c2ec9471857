// Two things about the page itself that Streamlit leaves undone.
// It fixes <html lang="en">; screen readers, hyphenation and the shapes of Chinese characters need the truth.
// And it does not run the page again when the reader changes the theme; figures drawn on the server must.
export default function ({ data: [data], setTriggerValue }) {
  document.documentElement.lang = data.lang;
  const app = document.querySelector(".stApp");
  let drawn = data.dark ? "dark" : "light";
  const look = () => {
    const now = getComputedStyle(app).colorScheme;
    if (now === drawn || !["dark", "light"].includes(now)) return;
    drawn = now;
    setTriggerValue("theme", now);
  };
  const observer = new MutationObserver(look);
  observer.observe(app, { attributes: true });
  look();
  return () => observer.disconnect();
}
