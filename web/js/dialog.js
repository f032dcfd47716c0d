// A dialog of the page: the browser's own, which keeps the focus, closes on Escape and gives the focus back.

import { h } from "./dom.js";
import { t } from "./words.js";

/** {element, open()}; `body`: what stands between the title and the button that closes it. `title` may be an element. */
export function dialog(id, title, body, ...actions) {
  const element = h(
    "dialog",
    { class: "dialog", "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title),
    body,
    h(
      "p",
      { class: "dialog-actions" },
      actions,
      h("button", { type: "button", class: "button", onclick: () => element.close() }, t("dialog.close")),
    ),
  );
  // A click beside it closes it, as readers expect.
  element.addEventListener("click", (event) => {
    if (event.target !== element) return;
    const box = element.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right;
    if (!inside || event.clientY < box.top || event.clientY > box.bottom) element.close();
  });
  return { element, open: () => element.showModal() };
}
