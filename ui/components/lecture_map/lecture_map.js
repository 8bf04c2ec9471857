// The lecture as an unrolled network: parts are steps in time, joined by the arrow that carries what was learned.
const SVG = "http://www.w3.org/2000/svg";

// One small drawing per lesson, 24 × 24.
const ICONS = {
  home: "M4 12h5M15 12h5M9 9h6v6H9zM17 9.5l3 2.5-3 2.5",
  sequences: "M3 17l4-8 4 5 4-9 6 10",
  hello: "M5 4h5v4H5zM5 10h5v4H5zM5 16h5v4H5zM12 12h7M16 9l3 3-3 3",
  bptt: "M20 7H9M12 4L9 7l3 3M4 17h11M12 14l3 3-3 3",
  adder: "M5 6v12M19 6v12M9 12h6M12 9v6",
  sine: "M3 12c3-11 6-11 9 0s6 11 9 0",
  gradients: "M4 20V5M9 20v-9M14 20v-5M19 20v-2",
  lstm: "M3 7h18M8 7v9M12 7v9M16 7v9M6 16h12M8 4.5v5M5.5 7h5",
  gru: "M3 7h18M9 7v9M15 7v9M7 16h10",
  stacks: "M4 6h16M4 12h16M4 18h16M8 3v18M16 3v18",
  craft: "M5 19L15 9M14 4l6 6M4 12l3 3M9 4v3M20 15h-3",
  sentiment: "M4 15a8 8 0 0 1 16 0M12 15l4-6M4 19h16",
  generation: "M4 7h16M4 12h12M4 17h7M15 15v5",
  embeddings: "M6 17h.01M9 8h.01M16 6h.01M18 14h.01M12 13h.01M7 12h.01M15 18h.01",
  translation: "M4 7h12M13 4l3 3-3 3M20 17H8M11 14l-3 3 3 3",
  dialogue: "M4 5h12v8H9l-3 3v-3H4zM18 9h2v8h-2v3l-3-3h-4v-1",
  pictures: "M4 5h16v14H4zM4 15l5-5 5 6 3-3 3 3M15 9h.01",
  series: "M3 13h5l2-8 4 14 2-6h5",
  trees: "M12 4v4M12 8L6 13M12 8l6 5M6 13l-2 5M6 13l3 5M18 13l-3 5M18 13l2 5",
  claims: "M5 12l4 5L19 6",
  quiz: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.01",
  glossary: "M5 4h10a4 4 0 0 1 4 4v12H9a4 4 0 0 1-4-4zM9 9h6M9 13h6",
  models: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5",
};

function element(tag, className, parent, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  parent.appendChild(node);
  return node;
}

export default function ({ data: bytes, parentElement, setTriggerValue }) {
  const [data] = JSON.parse(new TextDecoder().decode(bytes));
  const map = parentElement.querySelector(".map");
  map.setAttribute("aria-label", data.title);
  const list = map.querySelector("ol");
  list.replaceChildren();
  data.parts.forEach((part, k) => {
    const row = element("li", "part", list);
    const head = element("div", "head", row);
    element("span", "step", head, String(k + 1));
    element("h3", "", head, part.title);
    const lessons = element("ul", "", row);
    for (const lesson of part.lessons) {
      const item = element("li", lesson.ready ? "ready" : "coming", lessons);
      if (lesson.first) item.classList.add("first");
      const card = element(lesson.ready ? "a" : "span", "card", item);
      const icon = document.createElementNS(SVG, "svg");
      icon.setAttribute("viewBox", "0 0 24 24");
      icon.setAttribute("aria-hidden", "true");
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", ICONS[lesson.word] ?? "M5 5h14v14H5z");
      icon.appendChild(path);
      card.appendChild(icon);
      const words = element("span", "words", card);
      element("span", "title", words, lesson.title);
      if (lesson.note) element("small", "", words, lesson.note);
      if (!lesson.ready) continue;
      card.href = lesson.href;
      card.addEventListener("click", (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
        event.preventDefault();
        setTriggerValue("open", lesson.word);
      });
    }
  });
}
