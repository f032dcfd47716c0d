// The recording: the browser's own audio control, with captions for those who turn them on.

import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { remarksOn } from "./notes.js";
import { statisticsUrl, webUrl } from "./store.js";

export function player(context) {
  const url = statisticsUrl(context.statistics.media.url);
  return h("div", { class: "player" }, url === null ? without(context) : withAudio(context, url));
}

function withAudio({ statistics, position, signal }, url) {
  const captions = statisticsUrl(statistics.files.vtt);
  const track =
    captions === null
      ? null
      : h("track", { kind: "captions", src: captions, srclang: statistics.language ?? "und", label: "Transcript" });
  const audio = h("audio", { controls: true, preload: "metadata", src: url, "aria-label": "Recording" }, track);
  const problem = h(
    "p",
    { class: "notice", hidden: true },
    "The recording cannot be played: the file is missing, or this browser does not know its format. " +
      "The transcript works without it.",
  );
  audio.addEventListener("error", () => {
    problem.hidden = false;
    announce(problem.textContent);
  });
  // Leaving the debate must end the sound, which outlives its element.
  signal.addEventListener("abort", () => {
    audio.pause();
    audio.removeAttribute("src");
  });
  position.lead(audio);
  return [audio, problem];
}

function without({ statistics }) {
  const source = webUrl(statistics.media.source_url ?? statistics.source_url);
  return h(
    "p",
    { class: "no-recording" },
    "The recording is not published with this debate; timeline and transcript still move together.",
    remarksOn("media.url", statistics.notes).map((reason) => ` Reason: ${reason}.`),
    source === null ? null : [" ", h("a", { href: source, rel: "noopener noreferrer" }, "Open the source video"), "."],
  );
}

/** A link whose address is the present moment: to be copied, or followed to have it in the address bar. */
export function momentLink({ position, href }) {
  const time = h("span", { class: "here-time" });
  const link = h("a", { class: "here" }, "Link to ", time);
  const update = () => {
    time.textContent = format.clock(position.seconds);
    link.setAttribute("href", href(position.seconds));
  };
  position.addEventListener("move", update);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.getAttribute("href"));
    announce(`The address of this page now leads to ${time.textContent}`);
  });
  update();
  return link;
}
