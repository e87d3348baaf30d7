// SPDX-License-Identifier: MIT
export default {
  listen: "Слушать статью", about: "около {n} мин", preparing: "Подготовка", play: "Воспроизвести", pause: "Пауза",
  back: "Назад на 15 секунд", forward: "Вперёд на 15 секунд", seek: "Позиция", of: "{time} из {whole}",
  more: "Ещё", previousSentence: "Предыдущее предложение", nextSentence: "Следующее предложение",
  previousParagraph: "Предыдущий абзац", nextParagraph: "Следующий абзац", chapters: "Главы",
  speed: "Скорость", volume: "Громкость", sleep: "Таймер сна", off: "Выключен", minutes: "{n} мин", chapterEnd: "До конца главы",
  follow: "Прокручивать за чтением", light: "Подсвечивать при чтении", download: "Скачать",
  transcript: "Расшифровка", resume: "Продолжить с {time}", synthetic: "Синтезированный голос",
  offline: "Нет подключения к сети.", failed: "Не удалось воспроизвести статью.", retry: "Повторить",
  unavailable: "У этой статьи нет аудио.",
  differs: "Страница изменилась после записи.", buffering: "Загрузка", player: "Аудиоплеер",
  left: "осталось {time}", close: "Закрыть",
};
