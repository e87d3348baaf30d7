// SPDX-License-Identifier: MIT
export default {
  listen: "Artikel anhören", about: "etwa {n} Min.", preparing: "Wird vorbereitet", play: "Abspielen", pause: "Pause",
  back: "15 Sekunden zurück", forward: "15 Sekunden vor", seek: "Position", of: "{time} von {whole}",
  more: "Mehr", previousSentence: "Voriger Satz", nextSentence: "Nächster Satz",
  previousParagraph: "Voriger Absatz", nextParagraph: "Nächster Absatz", chapters: "Kapitel",
  speed: "Tempo", volume: "Lautstärke", sleep: "Schlummer-Timer", off: "Aus", minutes: "{n} Min.", chapterEnd: "Ende des Kapitels",
  follow: "Mitscrollen", light: "Beim Lesen hervorheben", download: "Herunterladen",
  transcript: "Transkript", resume: "Weiter ab {time}", synthetic: "Synthetische Stimme",
  offline: "Sie sind offline.", failed: "Der Artikel konnte nicht abgespielt werden.", retry: "Erneut versuchen",
  unavailable: "Zu diesem Artikel gibt es keine Aufnahme.",
  differs: "Die Seite wurde seit der Aufnahme geändert.", buffering: "Lädt", player: "Audioplayer",
  left: "noch {time}", close: "Schließen",
};
