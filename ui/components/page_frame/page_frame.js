// Three things about the page itself that Streamlit leaves undone.
// It fixes <html lang="en">; screen readers, hyphenation and the shapes of Chinese characters need the truth.
// It does not run the page again when the reader changes the theme; figures drawn on the server must.
// And some of its markup cannot be read or reached without a mouse (axe-core: list, listitem, scrollable-region-focusable).
function mend() {
  const menu = document.querySelector("[data-testid=stSidebarNavItems]");
  menu?.setAttribute("role", "group");
  for (const part of menu?.children ?? []) {
    part.setAttribute("role", "group");
    part.setAttribute("aria-label", part.querySelector("header")?.textContent ?? "");
    for (const item of part.querySelectorAll("li")) item.setAttribute("role", "none");
  }
  for (const code of document.querySelectorAll(".stCode pre")) code.tabIndex = 0;
}

export default function ({ data: bytes, setTriggerValue }) {
  const [data] = JSON.parse(new TextDecoder().decode(bytes));
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
  let asked = 0;
  const soon = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      mend();
    });
  };
  const drawing = new MutationObserver(soon);
  drawing.observe(document.body, { childList: true, subtree: true });
  soon();
  return () => {
    observer.disconnect();
    drawing.disconnect();
    cancelAnimationFrame(asked);
  };
}
