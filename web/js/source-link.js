// Links into the source video at a second, for debates whose recording is not published. Pure.

import { webUrl } from "./store.js";

const YOUTUBE = /^(www\.|m\.|music\.)?youtube(-nocookie)?\.com$/;
const VIMEO = /^(www\.|player\.)?vimeo\.com$/;

/**
 * The address of `seconds` in the source video of a debate; null where there is no source. YouTube takes t= (embedded:
 * start=), Vimeo #t=..s, every other player the media fragment #t=.
 */
export function sourceAt({ media, source_url: source }, seconds) {
  const address = webUrl(media.source_url ?? source);
  if (address === null) return null;
  const url = new URL(address);
  const second = Math.max(0, Math.floor(seconds + (media.offset_seconds ?? 0)));
  if (url.hostname === "youtu.be" || YOUTUBE.test(url.hostname)) {
    const embedded = url.pathname.startsWith("/embed/");
    url.searchParams.delete(embedded ? "t" : "start");
    url.searchParams.set(embedded ? "start" : "t", embedded ? second : `${second}s`);
  } else if (VIMEO.test(url.hostname)) {
    url.hash = `t=${second}s`;
  } else {
    url.hash = `t=${second}`;
  }
  return url.href;
}
