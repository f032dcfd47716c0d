// Where in the debate the reader is. The recording moves it while it plays; without a recording it still moves with
// the reader's clicks, so that timeline and transcript stay in step.

/**
 * An EventTarget with `seconds`. Events: "move" (the position changed, by playing or seeking) and, after it, "seek"
 * (someone asked for that place).
 */
export function playback(duration) {
  return new Playback(duration);
}

class Playback extends EventTarget {
  #media = null;

  constructor(duration) {
    super();
    this.duration = duration;
    this.seconds = 0;
  }

  /** Lets an <audio> element lead. */
  lead(media) {
    this.#media = media;
    const follow = () => this.#move(media.currentTime);
    media.addEventListener("timeupdate", follow);
    media.addEventListener("seeking", follow);
    // A place asked for before the length was known is not kept by every browser.
    media.addEventListener("loadedmetadata", () => {
      if (media.currentTime !== this.seconds) media.currentTime = this.seconds;
    });
  }

  get playing() {
    return this.#media !== null && !this.#media.paused;
  }

  seek(seconds) {
    const target = Math.min(Math.max(0, seconds), this.duration);
    if (this.#media !== null && this.#media.readyState > 0) this.#media.currentTime = target;
    this.#move(target);
    this.dispatchEvent(new Event("seek"));
  }

  /** Plays or pauses; false when there is nothing to play. */
  toggle() {
    if (this.#media === null) return false;
    if (this.#media.paused) this.#media.play().catch(ignoreRefusal);
    else this.#media.pause();
    return true;
  }

  #move(seconds) {
    this.seconds = seconds;
    this.dispatchEvent(new Event("move"));
  }
}

// The browser may refuse (NotAllowedError), or a pause comes first (AbortError); an undecodable recording is told by
// the element's own "error" event.
function ignoreRefusal(error) {
  if (!["NotAllowedError", "AbortError", "NotSupportedError"].includes(error.name)) throw error;
}
