// SPDX-License-Identifier: MIT
export default {
  listen: "Escuchar este artículo", about: "unos {n} min", preparing: "Preparando", play: "Reproducir", pause: "Pausa",
  back: "Retroceder 15 segundos", forward: "Avanzar 15 segundos", seek: "Posición", of: "{time} de {whole}",
  more: "Más", previousSentence: "Frase anterior", nextSentence: "Frase siguiente",
  previousParagraph: "Párrafo anterior", nextParagraph: "Párrafo siguiente", chapters: "Capítulos",
  speed: "Velocidad", volume: "Volumen", sleep: "Temporizador", off: "Desactivado", minutes: "{n} min", chapterEnd: "Fin del capítulo",
  follow: "Desplazar con la lectura", light: "Resaltar al leer", download: "Descargar",
  transcript: "Transcripción", resume: "Continuar en {time}", synthetic: "Voz sintética",
  offline: "No hay conexión.", failed: "No se pudo reproducir el artículo.", retry: "Reintentar",
  unavailable: "Este artículo no tiene audio.",
  differs: "La página ha cambiado desde la grabación.", buffering: "Cargando", player: "Reproductor de audio",
  left: "quedan {time}", close: "Cerrar",
};
