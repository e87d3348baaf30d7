// SPDX-License-Identifier: MIT
// Where a narration comes from: a service that finds or makes it, or the manifest of a site folder.
// Both tell it in the same way, step by step:
//   about {id, title, duration?, estimate?, credit?, sha256?, download}; progress {done, total, seconds};
//   sound {url, live? duration?}; late (seconds by which a live one is); cues [..] (so far), whether
//   these are all; chapters [..]

export class Unavailable extends Error {}

async function json(url, options) {
  const answer = await fetch(url, { credentials: "omit", ...options });
  if (answer.ok) return answer.json();
  throw problem(await answer.json().catch(() => answer));
}

/** There is none, and asking again does not help; or it does. */
function problem({ status, detail }) {
  return new (status < 500 && status !== 429 ? Unavailable : Error)(detail ?? status);
}

/** From a site folder: everything is there. */
export async function fromManifest(address, tell, signal) {
  const url = new URL(address, document.baseURI);
  const manifest = await json(url, { signal });
  const file = (test) => {
    const found = manifest.files.find(test);
    return found && new URL(found.url, url).href;
  };
  const audio = file(({ name }) => name === "audio.mp3") ?? file(({ type }) => type.startsWith("audio/"));
  if (!audio) throw new Unavailable("The manifest names no audio.");
  const { duration } = manifest;
  tell.about({
    id: manifest.id, title: manifest.title, duration, download: audio,
    credit: manifest.voices?.map(({ name, id }) => name || id).join(", "),
  });
  const cues = await json(file(({ name }) => name === "cues.json"), { signal });
  tell.about({ sha256: cues.audio?.sha256 });
  tell.cues(cues.cues, true);
  tell.chapters(cues.chapters ?? []);
  tell.sound({ url: audio, duration });
}

/** From a service: what it has, or what it makes now, sentence by sentence. */
export async function fromService(api, asked, tell, signal) {
  const at = (link) => new URL(link.replace(/^\//, ""), `${api}/`).href;
  const { narration, ...page } = asked;
  let answer = narration
    ? await json(at(`v1/narrations/${encodeURIComponent(narration)}`), { signal })
    : await json(at("v1/listen"), { method: "POST", headers: { "Content-Type": "application/json" }, signal, body: JSON.stringify(page) });
  while (answer.state === "reading") {
    await new Promise((resolve) => setTimeout(resolve, 150));
    answer = await json(at(answer.links.self), { signal });
  }
  about(answer);
  if (answer.state === "failed") throw problem(answer.problem);
  if (answer.state !== "ready") {
    tell.sound({ url: at(answer.links.audio), live: true });
    json(at(answer.links.cues), { signal }).then(({ audio }) => tell.late(audio.live_delay ?? 0), () => {});
    answer = await made(at(answer.links.events), tell, signal);
    about(answer);
  }
  const cues = await json(at(answer.links.cues), { signal });
  tell.about({ sha256: cues.audio.sha256 });
  tell.cues(cues.cues, true);
  tell.chapters(cues.chapters);
  tell.sound({ url: at(answer.links.audio), duration: answer.duration });

  function about(known) {
    tell.about({
      id: known.article ?? known.id, title: known.title, duration: known.duration, estimate: known.estimate,
      credit: known.credit ?? known.voice, download: at(known.links.audio),
    });
    if (known.progress) tell.progress(known.progress);
  }
}

/** The narration's answer once it is ready; cues and progress are told as they come. */
function made(address, tell, signal) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(address);
    const end = (settle, value) => {
      events.close();
      settle(value);
    };
    signal.addEventListener("abort", () => end(reject, signal.reason));
    const known = [];
    events.addEventListener("cue", ({ data, lastEventId }) => {
      known[Number(lastEventId) - 1] = JSON.parse(data);
      tell.cues(known.filter(Boolean), false);
    });
    events.addEventListener("progress", ({ data }) => tell.progress(JSON.parse(data)));
    events.addEventListener("ready", ({ data }) => end(resolve, JSON.parse(data)));
    events.addEventListener("failed", ({ data }) => end(reject, problem(JSON.parse(data))));
    events.addEventListener("error", () => events.readyState === EventSource.CLOSED && end(reject, new Error("events")));
  });
}

/** Tell the service that an article was heard so far; nobody is told of who heard it. */
export function count(api, article, percent) {
  navigator.sendBeacon(`${api}/v1/heard?${new URLSearchParams({ article, percent })}`);
}
