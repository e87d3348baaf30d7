"""What is said in the place of what cannot be followed by ear: "Code example, 12 lines."

An announcement says words that are not on the page. So its Sentence has an empty source at the
start of its block: it points at the block as a whole, and no word of it counts as a word of the
body. What it stands for is listed among the omissions. To add a language, add its phrases.
"""

from __future__ import annotations

from collections.abc import Mapping

from narrator.model import Block

_PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "code": "Code example, one line|Code example, {n} lines",
        "table": "Table, one row|Table, {n} rows", "columns": "one column|{n} columns",
        "formula": "Formula", "caption": "Picture", "image": "Picture", "video": "Video",
        "sound": "Sound recording", "page": "Embedded page", "post": "Embedded post",
        "section": "A part of the page is left out here",
    },
    "de": {
        "code": "Codebeispiel, eine Zeile|Codebeispiel, {n} Zeilen",
        "table": "Tabelle, eine Zeile|Tabelle, {n} Zeilen",
        "columns": "eine Spalte|{n} Spalten",
        "formula": "Formel", "caption": "Bild", "image": "Bild", "video": "Video",
        "sound": "Tonaufnahme", "page": "Eingebettete Seite", "post": "Eingebetteter Beitrag",
        "section": "Hier ist ein Teil der Seite ausgelassen",
    },
    "es": {
        "code": "Ejemplo de código, una línea|Ejemplo de código, {n} líneas",
        "table": "Tabla, una fila|Tabla, {n} filas",
        "columns": "una columna|{n} columnas",
        "formula": "Fórmula", "caption": "Imagen", "image": "Imagen", "video": "Vídeo",
        "sound": "Grabación de sonido", "page": "Página incrustada",
        "post": "Publicación incrustada",
        "section": "Aquí se omite una parte de la página",
    },
    "fr": {
        "code": "Exemple de code, une ligne|Exemple de code, {n} lignes",
        "table": "Tableau, une ligne|Tableau, {n} lignes",
        "columns": "une colonne|{n} colonnes",
        "formula": "Formule", "caption": "Image", "image": "Image", "video": "Vidéo",
        "sound": "Enregistrement sonore", "page": "Page intégrée", "post": "Publication intégrée",
        "section": "Une partie de la page est omise ici",
    },
    "ru": {
        "code": "Пример кода, одна строка|Пример кода, строк: {n}",
        "table": "Таблица, одна строка|Таблица, строк: {n}",
        "columns": "один столбец|столбцов: {n}",
        "formula": "Формула", "caption": "Изображение", "image": "Изображение", "video": "Видео",
        "sound": "Звукозапись", "page": "Встроенная страница", "post": "Встроенная запись",
        "section": "Здесь пропущена часть страницы",
    },
}  # fmt: skip
"""Language -> what is announced -> the phrase; of what is counted the one and, after a bar, the
many."""


def announcement(block: Block, language: str) -> str:
    """What stands for the block in that language (a primary subtag), as written text without its
    full stop; empty where the language has no phrases."""
    phrases = _PHRASES.get(language)
    if phrases is None:
        return ""

    def counted(name: str, count: int) -> str:
        one, _, many = phrases[name].partition("|")
        return one if count == 1 else many.format(n=count)

    if block.kind == "code":
        return counted("code", len([line for line in block.text.split("\n") if line.strip()]))
    if block.kind == "table_row":
        columns = block.text.count("\t") + 1
        return f"{counted('table', max(1, block.rows))}, {counted('columns', columns)}"
    name = block.label if block.kind == "embed" else block.kind
    phrase = phrases.get(name) or phrases["section"]
    title = block.text if block.kind == "embed" and block.label != "post" else ""
    return f"{phrase}: {title}" if title else phrase
