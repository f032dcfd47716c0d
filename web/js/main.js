// Starts the page: the address decides the view; each view is drawn anew and the one before it is stopped.

import { debateView } from "./debate-view.js";
import { announce } from "./dom.js";
import { fillFrame, windowTitle } from "./frame.js";
import { listView } from "./list-view.js";
import { broken, loading, problem, unknownAddress } from "./messages.js";
import { parseRoute } from "./route.js";
import { LoadError } from "./store.js";

const VIEWS = { list: listView, debate: debateView };
const main = document.getElementById("main");
let current = { route: null, stop: () => {}, seek: null };

async function show({ moveFocus }) {
  const route = parseRoute(location.hash);
  // Same debate, other moment: no need to draw it again.
  if (current.seek && route.view === "debate" && route.id === current.route.id) {
    if (route.seconds !== null || route.selection !== null) current.seek(route.seconds, route.selection);
    return;
  }
  current.stop();
  const controller = new AbortController();
  current = { route, stop: () => controller.abort(), seek: null };
  place(loading());
  const view = await build(route, controller.signal);
  if (view === null) return;
  current.seek = view.seek ?? null;
  place(view);
  scrollTo(0, 0);
  if (moveFocus) main.querySelector("h1").focus({ preventScroll: true });
  view.mounted?.();
}

/** The view of `route`; null when the reader has gone elsewhere meanwhile. */
async function build(route, signal) {
  if (route.view === "unknown") return unknownAddress();
  try {
    const view = await VIEWS[route.view](route, signal);
    return signal.aborted ? null : view;
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof LoadError) return problem(error, route, () => show({ moveFocus: true }));
    // A mistake of ours: say so instead of "Loading" for ever, and let the console have it.
    place(broken());
    throw error;
  }
}

function place(view) {
  document.title = windowTitle(view.title);
  main.replaceChildren(view.element);
  announce(view.announcement);
}

fillFrame();
// "#main" would be an address to the router.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", () => show({ moveFocus: true }));
show({ moveFocus: false });
