// Six things about the page itself that Streamlit leaves undone.
// It fixes <html lang="en">; screen readers, hyphenation and the shapes of Chinese characters need the truth.
// It does not run the page again when the reader changes the theme; figures drawn on the server must.
// It makes an entry of the history for every address that the server writes, also where that only completes the one to
// which the menu led; Back would stop at an address that leads forward again at once.
// And some of its markup cannot be read or reached without a mouse (axe-core: list, listitem, scrollable-region-focusable).
// It writes its own words in English only. And it counts the characters of a box up to what its server cuts off, which is not what
// may be written there: the label and the answer to a wrong input say that.
const WORDED = "[data-testid=InputInstructions], [data-testid=stFileUploader], [data-testid=stStatusWidget], [data-testid=stMainMenuPopover], [role=dialog], [role=listbox], [role=status], [role=alert], [aria-live], .stSelectbox, a[href^='#']";
const LABELS = ["aria-label", "placeholder", "title"];

// [["Press {keys}+Enter to apply", "{keys}+Enter で確定"], …] → a function from what Streamlit wrote to what is to stand there.
function translator(words) {
  const whole = new Map(words.filter(([from]) => !from.includes("{")));
  const parts = words
    .filter(([from]) => from.includes("{"))
    .map(([from, to]) => [new RegExp(`^${from.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>[^•（）]+?)")}$`), to]);
  return (text) => {
    const found = whole.get(text);
    if (found !== undefined) return found;
    for (const [pattern, to] of parts) {
      const match = pattern.exec(text);
      if (match) return to.replace(/\{(\w+)\}/g, (_, name) => match.groups[name]);
    }
    return text;
  };
}

function translate(translated) {
  for (const name of LABELS)
    for (const node of document.querySelectorAll(`[${name}]`)) {
      const now = node.getAttribute(name);
      if (translated(now) !== now) node.setAttribute(name, translated(now));
    }
  for (const box of document.querySelectorAll(WORDED))
    for (const words = document.createTreeWalker(box, NodeFilter.SHOW_TEXT); words.nextNode(); ) {
      const node = words.currentNode;
      if (translated(node.data) !== node.data) node.data = translated(node.data);
    }
  for (const note of document.querySelectorAll("[data-testid=InputInstructions] > *")) note.style.display = /^\d+\/\d+$/.test(note.textContent) ? "none" : "";
}

function mend() {
  const menu = document.querySelector("[data-testid=stSidebarNavItems]");
  menu?.setAttribute("role", "group");
  for (const part of menu?.children ?? []) {
    const name = part.querySelector("header")?.textContent ?? "";
    part.setAttribute("role", "group");
    if (part.getAttribute("aria-label") !== name) part.setAttribute("aria-label", name); // it is watched
    for (const item of part.querySelectorAll("li")) item.setAttribute("role", "none");
  }
  for (const code of document.querySelectorAll(".stCode pre")) code.tabIndex = 0;
}

// An address without a language is one that the server has not completed yet (ui/server/arrival.py sees to the first).
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
  const translated = translator(data.words);
  let asked = 0;
  const soon = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      mend();
      translate(translated);
    });
  };
  const drawing = new MutationObserver(soon);
  drawing.observe(document.body, { childList: true, subtree: true, characterData: true, attributeFilter: LABELS });
  soon();
  return () => {
    observer.disconnect();
    drawing.disconnect();
    cancelAnimationFrame(asked);
  };
}
