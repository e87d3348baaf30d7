// SPDX-License-Identifier: MIT
export default {
  listen: "Écouter cet article", about: "environ {n} min", preparing: "Préparation", play: "Lecture", pause: "Pause",
  back: "Reculer de 15 secondes", forward: "Avancer de 15 secondes", seek: "Position", of: "{time} sur {whole}",
  more: "Plus", previousSentence: "Phrase précédente", nextSentence: "Phrase suivante",
  previousParagraph: "Paragraphe précédent", nextParagraph: "Paragraphe suivant", chapters: "Chapitres",
  speed: "Vitesse", volume: "Volume", sleep: "Minuterie de veille", off: "Désactivée", minutes: "{n} min", chapterEnd: "Fin du chapitre",
  follow: "Défilement automatique", light: "Surligner pendant la lecture", download: "Télécharger",
  transcript: "Transcription", resume: "Reprendre à {time}", synthetic: "Voix de synthèse",
  offline: "Vous êtes hors ligne.", failed: "L’article n’a pas pu être lu.", retry: "Réessayer",
  unavailable: "Cet article n’a pas de version audio.",
  differs: "La page a changé depuis l’enregistrement.", buffering: "Chargement", player: "Lecteur audio",
  left: "encore {time}", close: "Fermer",
};
