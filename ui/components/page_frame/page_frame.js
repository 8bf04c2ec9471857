// Four things about the page itself that Streamlit leaves undone.
// It fixes <html lang="en">; screen readers, hyphenation and the shapes of Chinese characters need the truth.
// It does not run the page again when the reader changes the theme; figures drawn on the server must.
// It makes an entry of the history for every address that the server writes, also where that only completes the one to
// which the menu led; Back would stop at an address that leads forward again at once.
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

// An address without a language is one that the server has not completed yet (ui/arrival.py sees to the first).
function completing(state, title, url) {
  const to = new URL(url, window.location.href);
  const open = !new URLSearchParams(window.location.search).has("lang");
  const call = open && to.pathname === window.location.pathname ? "replaceState" : "pushState";
  History.prototype[call].call(window.history, state, title, url);
}

export default function ({ data: bytes, setTriggerValue }) {
  const [data] = JSON.parse(new TextDecoder().decode(bytes));
  document.documentElement.lang = data.lang;
  window.history.pushState = completing;
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
