// Starts the page: the address decides the view; each view is drawn anew and the one before it is stopped.

import { compareView } from "./compare-view.js";
import { debateView } from "./debate-view.js";
import { announce } from "./dom.js";
import { fillFrame, windowTitle } from "./frame.js";
import { listView } from "./list-view.js";
import { broken, loading, newFigures, problem, unknownAddress } from "./messages.js";
import { peopleView } from "./people-view.js";
import { personView } from "./person-view.js";
import { parseRoute } from "./route.js";
import { LoadError, outdated } from "./store.js";
import { t } from "./words.js";

/** By the route's view: (route, signal) -> {title | null, element, announcement, seek?, mounted?}. */
const VIEWS = { list: listView, debate: debateView, compare: compareView, people: peopleView, person: personView };
const main = document.getElementById("main");
const NOWHERE = { route: null, signal: null, stop: () => {}, seek: null };
let current = NOWHERE;

async function show({ moveFocus }) {
  const route = parseRoute(location.hash);
  // Same debate, other moment: no need to draw it again.
  if (current.seek && route.view === "debate" && route.id === current.route.id) {
    if (route.seconds !== null) current.seek(route.seconds);
    return;
  }
  current.stop();
  const controller = new AbortController();
  const { signal } = controller;
  current = { route, signal, stop: () => controller.abort(), seek: null };
  place(loading());
  const view = await build(route, signal);
  if (view === null) return;
  current.seek = view.seek ?? null;
  place(view);
  // Back from a debate, the list stands where it was left.
  scrollTo(0, history.state?.scroll ?? 0);
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
    if (error instanceof LoadError) return problem(error, route, again);
    // A mistake of ours: say so instead of "Loading" for ever, and let the console have it.
    place(broken());
    throw error;
  }
}

/** The same view from what the server has now. */
function again() {
  current.stop();
  current = NOWHERE;
  return show({ moveFocus: true });
}

function place(view) {
  document.title = windowTitle(view.title);
  main.replaceChildren(view.element);
  announce(view.announcement);
}

// A tab that was left open shows old figures, or those of a debate that was withdrawn since.
async function lookForNews() {
  const { signal } = current;
  if (document.visibilityState !== "visible" || signal === null) return;
  try {
    const old = await outdated(signal);
    if (!old || signal.aborted || main.querySelector(".news")) return;
    main.prepend(newFigures(again));
    announce(t("app.news"));
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

fillFrame();
// "#main" would be an address to the router.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
history.scrollRestoration = "manual";
// Where the reader leaves from, to come back to.
document.addEventListener("click", (event) => {
  if (event.target.closest("a[href^='#']")) history.replaceState({ scroll: scrollY }, "");
});
document.addEventListener("visibilitychange", lookForNews);
addEventListener("hashchange", () => show({ moveFocus: true }));
show({ moveFocus: false });
