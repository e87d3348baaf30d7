"""Lines that are furniture by what they say: one table per language.

A line must match as a whole, and only short lines are asked about, so that a sentence which
merely speaks of newsletters stays. To add a language, add one table and name it in `_TABLES`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST = 30
"""Words: a longer line is prose, whatever it says."""

_NETWORKS = {
    "bluesky", "bookmark", "copy", "download", "email", "e-mail", "facebook", "fb", "flipboard",
    "instagram", "line", "link", "linkedin", "mastodon", "messenger", "more", "ok", "pdf",
    "pinterest", "pocket", "post", "print", "reddit", "rss", "save", "share", "sms", "snapchat",
    "telegram", "threads", "tiktok", "tumblr", "tweet", "twitter", "viber", "vk", "vkontakte",
    "whatsapp", "x", "xing", "youtube", "teilen", "drucken", "partager", "imprimer", "compartir",
    "поделиться", "вконтакте", "одноклассники", "телеграм", "скопировать", "ссылку", "on", "via",
    "this", "to", "clipboard",
}  # fmt: skip
"""A line of nothing but these, two or more, is a share bar."""

_SURE_NETWORKS = {
    "bluesky", "facebook", "instagram", "linkedin", "mastodon", "pinterest", "reddit", "share",
    "telegram", "threads", "tiktok", "tweet", "twitter", "viber", "vk", "whatsapp", "x", "xing",
    "teilen", "partager", "compartir", "поделиться", "вконтакте", "телеграм",
}  # fmt: skip

_ENGLISH: Mapping[str, str] = {
    "source line": r".{1,60}(?:→|↗|⟶)\s*(?:original|source|full (?:text|story)|read more)",
    "author box": r"(?:about|meet|more about) the authors?|about (?:us|me)|author(?: bio)?"
    r"|our (?:team|editors)",
    "tags": r"(?:tags?|topics?|categor(?:y|ies)|filed under|keywords|labels?|more in): .{1,150}",
    "page footer": r"(?:©|\(c\)|copyright (?:©|\(c\)|\d{4}|by\b)) ?.{0,120}"
    r"|.{0,80}all rights reserved.{0,40}"
    r"|(?:our|the) mailing address is\b.*|you(?:'re| are) (?:receiving|getting|on the list) .*"
    r"|.{0,120}\bunsubscribe\b.{0,60}|best viewed (?:in|at|with) .*|you are visitor .*"
    r"|(?:this page was )?last (?:changed|modified) (?:on|at) .*"
    r"|(?:terms|privacy)(?: (?:of (?:use|service)|policy))?(?:\W+.{0,60})?",
    "offer": r"(?:(?:do you )?want|ready|looking|tired|need|interested|enjoy(?:ed|ing)?|lik(?:e|ed)"
    r"|love[ds]?|found) (?:to|for|of|in|help|more|this|what|our) ?.{0,100}\?",
    "listen button": r"(?:listen|play)(?: to)? (?:this |the )?(?:article|story|post|episode|audio)"
    r"(?:.{0,3}\d+[: ]?(?:\d\d|min(?:utes?|s)?))?|listen now|audio version|read aloud",
    "share bar": r"share(?: this| the)?(?: article| story| post| page)?(?: on| via| with)?"
    r"(?: \w+){0,2}|copy link|save (?:this )?(?:article|story|for later)|follow us(?: on .{1,60})?"
    r"|print(?: this)?(?: article| page)?|email this(?: article| story)?",
    "comments": r"loading (?:the )?comments|(?:your|all) comments"
    r"|(?:leave|post|write|add) (?:a|your) (?:comment|reply)"
    r"|\d+ comments?|comments?(?: \(?\d+\)?)?|join the (?:conversation|discussion)"
    r"|be the first to comment|no comments(?: yet)?|what do you think|view (?:all )?comments"
    r"|show comments|comments are closed|have your say|sign in to comment"
    r"|(?:from (?:the|our|my) )?guest ?book|(?:reader|user|customer)s?'? (?:comments|reviews)",
    "advertisement": r"advertise?ments?|ad|sponsored(?: content| post| links?)?|promoted"
    r"|paid (?:content|post)|(?:article|story) continues (?:below|after)(?: .{1,30})?"
    r"|continue reading below|scroll (?:down )?to continue.{0,40}|skip (?:this )?ad(?:vertisement)?"
    r"|advertising",
    "related links": r"(?:read|see|watch) (?:also|next|more)|also read|you (?:may|might)(?: also)? "
    r"(?:like|be interested in)|related(?: articles?| stories| story| posts?| content| topics"
    r"| links?| reading| news| coverage)?|(?:recommended|suggested)(?: for you| reading| articles?"
    r"| stories| posts)?|more (?:from|on|about|stories|articles|news|in) ?.{0,40}|trending(?: now)?"
    r"|most (?:read|popular|viewed|shared)|popular(?: now| posts| articles)|up next|don't miss"
    r"|latest (?:news|stories|articles|posts)|next (?:article|story|post)"
    r"|previous (?:article|story|post)|editors?'?s? picks?|more like this|keep reading",
    "related link": r"(?:read|see|watch)(?: also| next| more)?: .{4,160}|also read: .{4,160}"
    r"|related(?: articles?| stor(?:y|ies)| reading| videos?| posts?| links?| coverage)?: .{4,160}"
    r"|(?:more on this|don't miss): .{4,160}",
    "newsletter box": r"(?:sign up|subscribe|register)(?: now| today)?(?: .{0,60})? (?:newsletters?"
    r"|inbox|mailing list|(?:email )?(?:updates|alerts))(?: .{0,60})?|subscribe(?: now)?|sign up"
    r"(?: now)?|get .{3,80} (?:in|to) your inbox.{0,40}|enter your e-?mail.{0,40}"
    r"|your e-?mail(?: address)?|thanks? (?:you )?for subscribing.{0,20}",
    "cookie banner": r"(?:this (?:web)?site|we) uses? cookies.{0,160}|accept (?:all )?(?:cookies)?"
    r"|reject all|manage (?:cookies|preferences)|cookie (?:settings|policy)",
    "byline": r"(?:written |posted |published |story |words )?by (?-i:[A-Z])[\w.'’-]*"
    r"(?: (?:and |& )?(?-i:[A-Z])[\w.'’-]*){0,5}(?:, .{0,50})?|(?:first )?(?:published|updated"
    r"|posted|last (?:updated|modified|edited|reviewed))(?: on| at)?:? .{0,40}\d.{0,20}"
    r"|\d+[ -]min(?:ute)?s?(?: of)? read(?:ing)?(?: time)?|reading time:? .{1,20}"
    r"|(?:words )?by (?:the|our) (?:\w+ ){0,2}(?:desk|team|staff|editors?)",
    "navigation": r"back to (?:top|home|.{0,20}page)|skip to (?:main )?(?:content|navigation)"
    r"|(?:toggle )?(?:navigation|menu)|search|log ?in|sign in|log ?out|home"
    r"|(?:toggle|hide|show) caption"
    r"|table of contents|jump to (?:content|recipe|comments|navigation).{0,20}"
    r"|print(?: the| this)? recipe",
    "contact box": r"(?:(?:media|press) )?(?:contacts?|inquiries|enquiries):? "
    r".{0,120}(?:@|\b\d{3}\b).{0,60}|(?:media|press) contacts?:?.{0,80}|(?-i:SOURCE):? .{1,80}",
    "promotion": r"(?:download|get) (?:the|our) app.{0,30}|start your free trial.{0,30}"
    r"|become a (?:member|subscriber|patron).{0,40}|support (?:us|our work).{0,40}"
    r"|(?:do you )?(?:have|got) (?:an? |any |some)?(?:news )?(?:tips?|thing|stor(?:y|ies)|news"
    r"|information|questions?|comments?)\b.{0,80}\?.{0,160}"
    r"|this (?:post|article|page|site|story) (?:may )?contains? (?:affiliate|paid) .*"
    r"|(?:we|i) may (?:earn|get|receive) .{0,40}commission.*|as an .{1,20} associate .*"
    r"|buy (?:now|me a coffee)|join(?: now| us)?|learn more|try (?:it )?(?:for )?free.{0,20}",
}

_GERMAN: Mapping[str, str] = {
    "source line": r".{1,60}(?:→|↗|⟶)\s*(?:original|quelle|zum original)",
    "author box": r"über (?:den autor|die autorin|die autoren|uns)|zur person",
    "tags": r"(?:themen|schlagw(?:orte|örter)|stichworte|tags?|kategorien?|rubrik): .{1,150}",
    "page footer": r"© .{0,120}|.{0,60}alle rechte vorbehalten.{0,40}|impressum(?:\W.{0,60})?"
    r"|datenschutz(?:\W.{0,60})?",
    "offer": r"(?:möchten sie|sie möchten|willst du|sie wollen|haben sie lust|gefällt ihnen)"
    r" .{1,100}\?",
    "listen button": r"(?:diesen |den )?(?:artikel|beitrag) (?:an|vor)?(?:hören|lesen lassen)"
    r"|jetzt anhören|vorlesen",
    "share bar": r"(?:artikel |beitrag |seite )?(?:teilen|drucken|merken)(?: auf .{1,20})?"
    r"|link kopieren|per (?:e-?mail|whatsapp) (?:teilen|senden)|folgen sie uns.{0,40}",
    "comments": r"(?:\d+ |ihre |alle )?kommentare?(?: \(?\d+\)?)?"
    r"|kommentare (?:werden geladen|laden|anzeigen)"
    r"|(?:einen )?kommentar (?:schreiben|verfassen|hinterlassen)|jetzt (?:mit)?diskutieren"
    r"|was (?:denken|meinen) sie|ihre meinung|(?:aus dem )?gästebuch|leser(?:kommentare|briefe)",
    "advertisement": r"anzeige|werbung|gesponsert"
    r"|(?:der artikel geht )?nach der (?:anzeige|werbung)(?: geht es)? weiter",
    "related links": r"lesen sie auch|lesen sie mehr|mehr (?:zum thema|dazu|aus .{1,30}|artikel)"
    r"|(?:das könnte sie|das könnte dich) auch interessieren|auch interessant|verwandte artikel"
    r"|meistgelesen|zum thema|weiterlesen|empfehlungen(?: der redaktion)?|top-?themen",
    "related link": r"(?:lesen sie auch|mehr dazu|lesen sie mehr|siehe auch|auch interessant)"
    r": .{4,160}",
    "contact box": r"(?:presse)?kontakt:? .{0,120}(?:@|\b\d{3}\b).{0,60}|pressekontakt:?.{0,80}",
    "newsletter box": r".{0,60}newsletter (?:abonnieren|bestellen|anmelden).{0,40}"
    r"|(?:jetzt )?(?:zum newsletter )?anmelden|e-?mail-adresse(?: eingeben)?",
    "cookie banner": r"(?:wir verwenden|diese (?:web)?seite verwendet) cookies.{0,160}"
    r"|alle akzeptieren|cookie-einstellungen",
    "byline": r"von (?-i:[A-ZÄÖÜ])[\w.'’-]*(?: (?:und )?(?-i:[A-ZÄÖÜ])[\w.'’-]*){0,4}(?:, .{0,40})?"
    r"|(?:veröffentlicht|aktualisiert|stand|zuletzt aktualisiert)(?: am)?:? .{0,30}\d.{0,20}"
    r"|lesezeit:? .{1,20}",
    "navigation": r"nach oben|zurück zur (?:startseite|übersicht)|zum inhalt(?: springen)?"
    r"|menü|suche|startseite|inhaltsverzeichnis|(?:jetzt )?einloggen",
}

_FRENCH: Mapping[str, str] = {
    "source line": r".{1,60}(?:→|↗|⟶)\s*(?:original|source|article original)",
    "author box": r"à propos (?:de l['’]auteure?|des auteurs|de nous)|l['’]auteure?",
    "tags": r"(?:mots-clés|thèmes|tags?|catégories?|rubriques?|étiquettes) ?: .{1,150}",
    "page footer": r"© .{0,120}|.{0,60}tous droits réservés.{0,40}|mentions légales(?:\W.{0,60})?",
    "offer": r"(?:vous (?:voulez|souhaitez|cherchez)|envie|prêts?e?s?|besoin) .{1,100} ?\?",
    "listen button": r"écouter (?:l['’]article|cet article)|lire à haute voix",
    "share bar": r"partager(?: (?:cet article|l['’]article|sur .{1,20}|par .{1,20}))?|imprimer"
    r"|copier le lien|suivez-nous.{0,40}|envoyer par e-?mail",
    "comments": r"(?:\d+ |vos |les )?commentaires?(?: \(?\d+\)?)?|chargement des commentaires"
    r"|(?:laisser|ajouter|écrire) un commentaire|(?:voir|lire) les commentaires"
    r"|qu['’]en pensez-vous|réagir(?: à cet article)?|livre d['’]or|(?:vos|les|tous les) avis",
    "advertisement": r"publicité|annonce|contenu sponsorisé"
    r"|la suite après (?:la|cette) publicité",
    "related links": r"(?:à )?lire (?:aussi|également)|à lire|voir aussi"
    r"|sur le même (?:sujet|thème)"
    r"|articles? (?:liés?|similaires?|connexes?)|vous aimerez aussi|les plus (?:lus|populaires)"
    r"|à ne pas manquer|pour aller plus loin|recommandé pour vous",
    "related link": r"(?:(?:à )?lire (?:aussi|également)|à lire|voir aussi) ?: .{4,160}",
    "contact box": r"contacts? (?:de )?presse ?:?.{0,120}",
    "newsletter box": r"(?:inscrivez-vous|abonnez-vous|s['’](?:inscrire|abonner))(?: .{0,80})?"
    r"|recevez .{3,80} (?:newsletter|boîte mail).{0,40}|votre (?:adresse )?e-?mail",
    "cookie banner": r"(?:nous utilisons|ce site utilise) des cookies.{0,160}|tout accepter"
    r"|tout refuser|gérer les cookies",
    "byline": r"par (?-i:[A-ZÀ-Ý])[\w.'’-]*(?: (?:et )?(?-i:[A-ZÀ-Ý])[\w.'’-]*){0,4}(?:, .{0,40})?"
    r"|(?:publié|mis à jour|modifié)(?: le)?:? .{0,30}\d.{0,20}|temps de lecture ?:? .{1,20}",
    "navigation": r"retour (?:en haut|à l['’]accueil)|aller au contenu|accueil|menu|recherche"
    r"|sommaire|se connecter|connexion",
}

_SPANISH: Mapping[str, str] = {
    "source line": r".{1,60}(?:→|↗|⟶)\s*(?:original|fuente|artículo original)",
    "author box": r"(?:sobre|acerca de) (?:el autor|la autora|los autores|nosotros)",
    "tags": r"(?:etiquetas?|temas?|tags?|categorías?|palabras clave): .{1,150}",
    "page footer": r"© .{0,120}|.{0,60}todos los derechos reservados.{0,40}"
    r"|aviso legal(?:\W.{0,60})?|política de privacidad(?:\W.{0,60})?",
    "offer": r"¿(?:quieres?|deseas?|buscas?|necesitas?|te (?:gustó|interesa)|list[oa])"
    r" .{1,100}\?",
    "listen button": r"escuchar (?:el |este )?(?:artículo|noticia)|escuchar(?: ahora)?",
    "share bar": r"compartir(?: (?:este artículo|en .{1,20}|por .{1,20}))?|imprimir|guardar"
    r"|copiar (?:el )?enlace|síguenos.{0,40}",
    "comments": r"(?:\d+ |tus |los )?comentarios?(?: \(?\d+\)?)?|cargando comentarios"
    r"|(?:deja|escribe|añade|añadir|dejar) (?:un|tu) comentario|ver (?:los )?comentarios"
    r"|¿?qué (?:opinas|piensas)|libro de visitas|comentarios de (?:los )?(?:lectores|usuarios)",
    "advertisement": r"publicidad|anuncio|contenido patrocinado"
    r"|(?:el artículo )?continúa (?:después|tras) (?:de )?la publicidad",
    "related links": r"(?:lee|leer|lea) (?:también|además|más)|ver también|te puede interesar"
    r"|(?:noticias|artículos|contenido) relacionad[oa]s?|lo más (?:leído|visto|popular)"
    r"|más (?:noticias|sobre .{1,30}|información)|también te puede interesar|recomendados",
    "related link": r"(?:(?:lee|leer|lea) (?:también|además|más)|ver también|te puede interesar)"
    r": .{4,160}",
    "contact box": r"contactos? (?:de )?prensa:?.{0,120}",
    "newsletter box": r"(?:suscríbete|suscríbase|regístrate|apúntate)(?: .{0,80})?"
    r"|recibe .{3,80} (?:correo|boletín|newsletter).{0,40}|(?:tu|su) (?:correo|e-?mail).{0,20}",
    "cookie banner": r"(?:utilizamos|usamos|este sitio (?:web )?(?:utiliza|usa)) cookies.{0,160}"
    r"|aceptar todas?|rechazar todas?|configurar cookies",
    "byline": r"por (?-i:[A-ZÁ-Ú])[\w.'’-]*(?: (?:y )?(?-i:[A-ZÁ-Ú])[\w.'’-]*){0,4}(?:, .{0,40})?"
    r"|(?:publicado|actualizado|última actualización)(?: el)?:? .{0,30}\d.{0,20}"
    r"|(?:tiempo de lectura|lectura):? .{1,20}",
    "navigation": r"volver (?:arriba|al inicio)|ir al contenido|inicio|menú|buscar"
    r"|iniciar sesión|índice",
}

_RUSSIAN: Mapping[str, str] = {
    "source line": r".{1,60}(?:→|↗|⟶)\s*(?:оригинал|источник|первоисточник)",
    "author box": r"об? авторе?(?:ах)?|о нас|(?:наша )?редакция",
    "tags": r"(?:теги?|темы?|рубрик[аи]|метки|ключевые слова|категори[яи]): .{1,150}",
    "page footer": r"© .{0,120}|.{0,60}все права защищены.{0,40}"
    r"|политика конфиденциальности(?:\W.{0,60})?|пользовательское соглашение(?:\W.{0,60})?",
    "offer": r"(?:хотите|готовы|ищете|нужн[аоы]?|устали|понравил(?:ась|ся|ось)) .{1,100}\?",
    "listen button": r"(?:про|по)?слушать(?: эту)?(?: статью| новость| текст)?",
    "share bar": r"поделиться(?: (?:статьей|статьёй|новостью|ссылкой|в .{1,20}))?"
    r"|(?:с)?копировать ссылку|сохранить|распечатать|подписывайтесь на (?:нас|наш).{0,60}",
    "comments": r"(?:\d+ |ваши |все )?комментари(?:и|ев|й|я)(?: \(?\d+\)?)?|загрузка комментариев"
    r"|загружа(?:ем|ются) комментарии|(?:оставить|написать|добавить) комментарий"
    r"|что (?:вы )?(?:об этом )?думаете|обсудить|показать комментарии|нет комментариев"
    r"|(?:из )?гостев(?:ая|ой) книг[аи]|отзывы(?: читателей)?",
    "advertisement": r"реклама|на правах рекламы|партн[её]рский материал|спонсорский материал"
    r"|продолжение после рекламы",
    "related links": r"(?:читайте|читать|смотрите|см\.?) (?:также|ещ[её]|далее)|читайте по теме"
    r"|по теме|(?:похожие|связанные) (?:статьи|материалы|новости)|ещ[её] по теме"
    r"|(?:самое )?(?:популярное|читаемое)|рекомендуем(?: прочитать)?|вам может понравиться"
    r"|другие (?:новости|материалы)|главные новости|материалы по теме",
    "related link": r"(?:(?:читайте|смотрите) (?:также|ещ[её])|по теме|подробнее): .{4,160}",
    "contact box": r"контакты? (?:для )?(?:прессы|сми|пресс-службы):?.{0,120}",
    "newsletter box": r"подпи(?:сывайтесь|шитесь|саться)(?: .{0,80})?|ваш e-?mail"
    r"|введите (?:ваш )?e-?mail.{0,20}",
    "cookie banner": r"(?:мы используем|(?:этот )?сайт использует)(?: файлы)? (?:cookies?|куки)"
    r".{0,160}|принять все|принять",
    "byline": r"(?:автор|текст|опубликовано|обновлено|дата публикации):? .{1,50}"
    r"|время (?:на )?чтени[ея]:? .{1,20}|\d+ мин(?:ут[аы]?)?\.?(?: на чтение)?",
    "navigation": r"наверх|вернуться (?:наверх|назад|на главную)|главная|меню|поиск|содержание"
    r"|оглавление|войти|перейти к (?:содержанию|содержимому)",
}

_TABLES = {
    "de": _GERMAN, "en": _ENGLISH, "es": _SPANISH, "fr": _FRENCH, "ru": _RUSSIAN,
}  # fmt: skip

_LINE_RULES = {
    language: [
        (reason, re.compile(rf"\W*(?:{p})\W*", re.IGNORECASE)) for reason, p in table.items()
    ]
    for language, table in _TABLES.items()
}

_COMMON = {
    "en": {"the", "and", "of", "to", "is", "that", "it", "with", "was", "for"},
    "de": {"der", "die", "und", "das", "ist", "nicht", "mit", "den", "von", "ein"},
    "es": {"el", "los", "y", "que", "en", "las", "del", "por", "con", "una"},
    "fr": {"le", "les", "et", "des", "est", "une", "dans", "du", "pour", "que"},
    "ru": {"и", "в", "не", "на", "что", "с", "по", "это", "как", "для"},
}
"""The commonest words of each language."""

_WORD = re.compile(r"\w+")
_GUESS_FROM = 20_000
"""Characters."""

_CREDIT_WORD = (
    r"(?:photo(?:graph)?s?|images?|pictures?|sources?|credits?|collage|illustrations?|graphics?"
    r"|screenshots?|videos?|courtesy|copyright|artwork|foto|bild|quelle|grafik|crédit"
    r"|imagen|fuente|crédito|фото(?:графия)?|источник|иллюстрация|коллаж|изображение|скриншот)"
)
_AGENCIES = r"(?:getty images|reuters|afp|ap photo|shutterstock|unsplash|pexels|alamy|istock)"

_CREDIT = re.compile(
    rf"\W*(?:{_CREDIT_WORD}(?: (?:by|credits?|source|courtesy(?: of)?|von|de|par|от))?\s*[:/©|]"
    rf"|{_CREDIT_WORD} (?:by|courtesy of|von|par|de) (?-i:[A-ZÀ-Ý])"
    rf"|©|\(c\) |[\w. -]{{0,40}}(?:[/|]|via) ?{_AGENCIES}\b|{_AGENCIES}\b)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=\w\w[.!?])\s+")
"""Not after an initial."""

_FOLLOW = re.compile(
    r"\W*(?:(?:you can |please |also )*(?:follow|like|find|join|friend|connect with|tweet) "
    r"(?:us|me|him|her|them|@\w+|the author|(?-i:[A-Z])[\w.'’-]*(?: [\w.'’-]+){0,4})\b"
    r"|(?:puedes? seguir|síguenos|síguen?os|sigue|únete)\b|(?:re)?(?:suivez|trouvez)\b"
    r"|(?:folgen sie|folgt?|folge) (?:uns|mir|ihm|ihr|@\w+)"
    r"|(?:подписывайтесь|подпишитесь|следите|читайте нас|присоединяйтесь)\b)"
    r".{0,160}\b(?:facebook|twitter|instagram|linkedin|youtube|pinterest|telegram|google\+|tumblr"
    r"|snapchat|whatsapp|вконтакте|твиттере?|фейсбуке?|телеграме?|одноклассниках|дзене?)\b",
    re.IGNORECASE,
)
"""An invitation to follow somebody on a network."""

_COPYRIGHT = re.compile(r"\W*(?:copyright )?(?:©|\(c\)) ?\W*(?:\d{4}|[A-Z])", re.IGNORECASE)

_MENU_SIGN = re.compile(r"\s+[|•·]\s+")
_MENU = 4
_MENU_WORDS = 5

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|jänner|mär|mai|okt|dez|janv|fév|févr|avr"
    r"|juin|juil|août|déc|ene|abr|ago|dic|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)"
    r"[^\W\d]*\.?"
)
_DATE = re.compile(
    rf"(?:[^\W\d]{{2,12}},? )?(?:\d{{1,2}}\.?(?:st|nd|rd|th)? (?:de )?{_MONTH},? (?:de )?\d{{4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
    r"|\d{4}-\d\d-\d\d)(?: г(?:\.|ода))?"
    r"(?:\W{1,3}(?:at |um |à |a las |в )?\d{1,2}[:.h]\d\d.{0,12})?",
    re.IGNORECASE,
)

_CREDIT_WORDS = 25
"""More words than that are more than a credit."""


def reason_of_line(line: str, language: str) -> str:
    """Why a line of a page is no part of its article, empty where it may be one.

    `language` is a BCP 47 code; in other languages than the tables' only share bars are known.
    """
    if _COPYRIGHT.match(line) and len(line.split()) <= 2 * LONGEST:
        return "page footer"
    if not line or len(line.split()) > LONGEST:
        return "navigation" if _is_menu(line) else ""
    if _is_share_bar(line) or _FOLLOW.match(line):
        return "share bar"
    if _is_menu(line):
        return "navigation"
    rules = _LINE_RULES.get(language.split("-")[0].lower(), ())
    return next((reason for reason, pattern in rules if pattern.fullmatch(line)), "")


def guess_language(text: str) -> str:
    """The code of the table whose commonest words the text has most of, "en" if it has none.

    Good enough to choose a table, not to choose a voice.
    """
    words = _WORD.findall(text[:_GUESS_FROM].casefold())
    counts = {
        language: sum(map(common.__contains__, words)) for language, common in _COMMON.items()
    }
    return max(counts, key=lambda language: counts[language]) if any(counts.values()) else "en"


def is_credit(text: str) -> bool:
    """Whether a caption says only whose picture it is."""
    sentences = [each for each in _SENTENCE_END.split(text.strip()) if each]
    return len(text.split()) <= _CREDIT_WORDS and all(map(_CREDIT.match, sentences))


def is_date(line: str) -> bool:
    """Whether the line is a day, perhaps with a time, and nothing else."""
    return _DATE.fullmatch(line) is not None


def _is_menu(line: str) -> bool:
    """Whether it is four or more short names parted by bars or dots."""
    names = _MENU_SIGN.split(line)
    short = sum(len(name.split()) <= _MENU_WORDS for name in names)
    return short >= _MENU and len(names) - short < 2


def _is_share_bar(line: str) -> bool:
    names = [word.strip("|·•,:()") for word in line.casefold().split()]
    names = [name for name in names if name]
    return (
        len(names) >= 2
        and all(name in _NETWORKS for name in names)
        and any(name in _SURE_NETWORKS for name in names)
    )
