// Where in the debate the reader is. The recording moves it while it plays; without a recording it still moves with
// the reader's clicks, so that timeline and transcript stay in step.

/**
 * An EventTarget with `seconds`. Events: "move" (the position changed, by playing or seeking) and, after it, "seek"
 * (someone asked for that place).
 */
export function playback(duration) {
  return new Playback(duration);
}

// Audio reports its position some four times a second: an end that is nearer than that is waited for.
const NEAR_S = 0.5;

class Playback extends EventTarget {
  #media = null;
  #passage = null;
  #ending = null;

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
    media.addEventListener("timeupdate", () => this.#awaitEnd());
    media.addEventListener("seeking", follow);
    // A place asked for before the length was known is not kept by every browser.
    media.addEventListener("loadedmetadata", () => {
      if (media.currentTime !== this.seconds) media.currentTime = this.seconds;
    });
  }

  get playing() {
    return this.#media !== null && !this.#media.paused;
  }

  get playable() {
    return this.#media !== null;
  }

  /** Goes to the start of a passage {start, end}; playing then stops at its end, once. Going elsewhere forgets it. */
  goToPassage(passage) {
    this.seek(passage.start);
    this.#passage = passage;
  }

  /** Plays the passage from its start to its end. */
  playPassage(passage) {
    this.goToPassage(passage);
    if (this.#media?.paused) this.toggle();
    else this.#awaitEnd();
  }

  seek(seconds) {
    this.#forgetPassage();
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

  #awaitEnd() {
    if (this.#passage === null || this.#media.paused || this.#ending !== null) return;
    const { start, end } = this.#passage;
    // The audio's own control went elsewhere.
    if (this.#media.currentTime < start - NEAR_S || this.#media.currentTime > end + NEAR_S) {
      this.#forgetPassage();
      return;
    }
    const left = end - this.#media.currentTime;
    if (left > NEAR_S) return;
    this.#ending = setTimeout(
      () => {
        this.#forgetPassage();
        this.#media.pause();
      },
      (Math.max(0, left) / this.#media.playbackRate) * 1000,
    );
  }

  #forgetPassage() {
    clearTimeout(this.#ending);
    this.#ending = null;
    this.#passage = null;
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
