// Giving names to speakers: for this browser, and as a speakers.json that the store takes over.

import { dialog } from "./dialog.js";
import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { BadNames, namesIn, speakersDocument } from "./names.js";
import { saveAs } from "./take-away.js";
import { parts, t } from "./words.js";

const UNKNOWN = "UNKNOWN";

/** {button, remark, dialog}; `remark`: says how many names are of this browser only, and takes them back. */
export function renaming(context) {
  const { names, original } = context;
  const speakers = original.speakers.filter((speaker) => speaker.label !== UNKNOWN);
  const state = h("p", { class: "rename-state", role: "status" });
  const fields = speakers.map((speaker, i) => field(speaker, i));
  const file = h("input", { type: "file", id: "names-file", accept: ".json,application/json", onchange: read });
  const form = h(
    "form",
    { method: "dialog", class: "rename" },
    h("p", {}, t("names.explained")),
    h(
      "ul",
      { class: "rename-fields" },
      fields.map(({ input, speaker }) => line(context, input, speaker)),
    ),
    h("p", {}, h("button", { type: "submit", class: "button primary" }, t("names.save"))),
    h("h3", {}, t("names.keep")),
    h(
      "p",
      {},
      parts("names.keepHow", { command: h("code", {}, `debate-stats name ${original.job_id} --import speakers.json`) }),
    ),
    h(
      "p",
      { class: "rename-files" },
      h("button", { type: "button", class: "button", onclick: write }, t("names.export")),
      h("span", {}, h("label", { for: "names-file" }, t("names.import")), file),
    ),
    state,
  );
  const shown = dialog(
    "names",
    t("names.title"),
    form,
    h("button", { type: "button", class: "button", onclick: reset }, t("names.reset")),
  );

  function typed() {
    // What is as the statistics have it is not a name of this browser.
    return fields
      .map(({ input, speaker }) => [speaker.label, input.value])
      .filter(([, name], i) => name !== (speakers[i].name ?? ""));
  }
  function fill() {
    fields.forEach(({ input, speaker }) => {
      input.value = names.of(speaker.label) ?? speaker.name ?? "";
    });
  }
  form.addEventListener("submit", () => {
    names.replace(typed());
    announce(t("names.saved"));
  });
  function reset() {
    names.replace([]);
    fill();
    state.textContent = t("names.wereReset");
  }
  function write() {
    names.replace(typed());
    saveAs("speakers.json", "application/json", speakersDocument(speakers, names));
    state.textContent = t("names.exported");
  }
  async function read() {
    if (file.files.length === 0) return;
    try {
      const found = namesIn(await file.files[0].text()).filter(([label]) =>
        speakers.some((one) => one.label === label),
      );
      for (const [label, name] of found) fields.find(({ speaker }) => speaker.label === label).input.value = name;
      names.replace(typed());
      state.textContent = t("names.imported", { n: found.length, count: format.count(found.length) });
    } catch (error) {
      if (!(error instanceof BadNames)) throw error;
      state.textContent = t(error.reason);
    }
    // Else choosing the same file again would not be a change.
    file.value = "";
  }

  const button = h(
    "button",
    {
      type: "button",
      class: "button",
      "aria-haspopup": "dialog",
      hidden: speakers.length === 0,
      onclick: () => {
        fill();
        state.textContent = "";
        shown.open();
      },
    },
    t("names.open"),
  );
  return { button, dialog: shown.element, remark: remark(context) };
}

function field(speaker, i) {
  return {
    speaker,
    input: h("input", { type: "text", id: `name-${i}`, autocomplete: "off", maxlength: 200, dir: "auto" }),
  };
}

// To name a voice one has to hear it.
function line({ position }, input, speaker) {
  const first = speaker.first_second;
  const listen =
    first === null || !position.playable
      ? null
      : h(
          "button",
          {
            type: "button",
            class: "button listen-first",
            "aria-label": t("names.listenTo", { label: speaker.label, time: format.clock(first) }),
            onclick: () => position.playPassage({ start: first, end: Math.min(first + 6, position.duration) }),
          },
          `▶ ${format.clock(first)}`,
        );
  return h("li", {}, h("label", { for: input.id }, speaker.label), input, listen);
}

function remark({ names, signal }) {
  const text = h("span");
  const element = h(
    "p",
    { class: "fine local-names" },
    text,
    " ",
    h("button", { type: "button", class: "plain-button", onclick: () => names.replace([]) }, t("names.reset")),
  );
  const update = () => {
    element.hidden = names.size === 0;
    text.textContent = t("names.local", { n: names.size, count: format.count(names.size) });
  };
  names.addEventListener("change", update, { signal });
  update();
  return element;
}
