// The recording: the browser's own audio control, with captions for those who turn them on; without one, links into
// the source video.

import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { remarksOn } from "./notes.js";
import { sourceAt } from "./source-link.js";
import { statisticsUrl } from "./store.js";
import { parts, t } from "./words.js";

export function player(context) {
  const url = statisticsUrl(context.statistics.media.url);
  return h("div", { class: "player" }, url === null ? without(context) : withAudio(context, url));
}

function withAudio({ statistics, position, signal }, url) {
  const captions = statisticsUrl(statistics.files.vtt);
  const track =
    captions === null
      ? null
      : h("track", {
          kind: "captions",
          src: captions,
          srclang: statistics.language ?? "und",
          label: t("transcript.title"),
        });
  const audio = h(
    "audio",
    { controls: true, preload: "metadata", src: url, "aria-label": t("player.recording") },
    track,
  );
  const problem = h("p", { class: "notice", hidden: true }, t("player.broken"));
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

function without(context) {
  const reasons = remarksOn("media.url", context.statistics.notes).map((reason) => [
    " ",
    parts("player.reason", { reason }),
  ]);
  const link = sourceLink(context);
  return h("p", { class: "no-recording" }, t("player.without"), reasons, link === null ? null : [" ", link]);
}

/** A link to the present moment of the source video; null where there is no source. */
function sourceLink({ statistics, position, signal }) {
  if (sourceAt(statistics, 0) === null) return null;
  const link = h("a", { class: "source-here", rel: "noopener noreferrer" });
  const update = () => {
    link.setAttribute("href", sourceAt(statistics, position.seconds));
    link.textContent = t("player.sourceAt", { time: format.clock(position.seconds) });
  };
  position.addEventListener("move", update, { signal });
  update();
  return link;
}

/** A link whose address is the present moment: to be copied, or followed to have it in the address bar. */
export function momentLink({ position, href, signal }) {
  const link = h("a", { class: "here" });
  const update = () => {
    link.textContent = t("player.linkTo", { time: format.clock(position.seconds) });
    link.setAttribute("href", href(position.seconds));
  };
  position.addEventListener("move", update, { signal });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.getAttribute("href"));
    announce(t("player.linked", { time: format.clock(position.seconds) }));
  });
  update();
  return link;
}
