"""What each kind of problem means and what helps: the pages under /problems/."""

from __future__ import annotations

REMEDIES = {
    "bad-request": "The request is not HTTP, or its body is not JSON in UTF-8. Nothing was done. "
    "Look at what your program sends, byte by byte; `curl -v` shows it.",
    "key-needed": "What you asked for needs a key, and none came with the request or none that "
    "this service knows. Send it as `Authorization: Bearer KEY`, or as the password of a Basic "
    "login. Whoever runs the service makes keys with `narrator serve --make-key`.",
    "not-allowed": "Your key is known, but its scope does not reach this far: `read` hears and "
    "reads, `narrate` also makes, `admin` also takes down. Ask for a key with the scope that "
    "`detail` names.",
    "not-found": "Nothing has that address: the id is mistyped, was never here, or is of an "
    "earlier version of an article that was retired. Ask for the article again; the same content "
    "gets the same id.",
    "taken-down": "It was here and has been withdrawn, under its id and every spelling of its "
    "address. Neither asking nor sending it again brings it back, until somebody with a key of the "
    "scope `admin` restores the article: `POST /v1/articles/{id}/restore`.",
    "abandoned": "The narration was being made and is made no more: a newer version of the article "
    "took its place, or the service is being stopped. Ask for the article again.",
    "several-articles": "What you named belongs to several articles, for they have the same words, "
    "or is down by the takedown of another. `detail` names them: send the request for the one that "
    "you mean.",
    "damaged": "What the service kept of this cannot be read any more. Ask for the article again, "
    "or send it again, and it is made anew under the same id. Whoever runs the service finds what "
    "else is damaged by `narrator library verify`, and mends it by `narrator library repair`.",
    "library-unusable": "The place where the service keeps everything cannot be read or written: a "
    "disk that is read-only or broken, permissions, a store that does not answer. Nothing is wrong "
    "with the request: send it again later. What is finished can be heard as far as it can be "
    "read. Whoever runs the service finds file and reason in the log, and `/readyz` tells when it "
    "works again.",
    "too-large": "The body or the article is beyond the limit that `detail` names (`body_limit` "
    "and `article_limit` of the service). Send the article only, or split it.",
    "wrong-host": "The request was sent to a name that this service does not know as its own. Use "
    "the address that you were given; whoever runs the service adds names to `public_hosts`.",
    "too-many-requests": "Your key, or your address if you show none, sent more requests than it "
    "may. Wait for as many seconds as `Retry-After` says; `RateLimit` on each answer says what is "
    "left.",
    "busy": "More is waiting than may, or what you asked for is not made yet. Nothing is wrong "
    "with the request: send it again after the seconds of `Retry-After`, which is an estimate.",
    "refused": "The service does not do that; `detail` says why.",
    "unknown-voice": "No voice has that id. `detail` names those there are, and so does "
    "/v1/voices.",
    "unknown-language": "Nothing here speaks that language. Give another `language`, or leave it "
    "out if the article is in one of those that /v1/voices lists.",
    "unknown-format": "Audio does not come in that format. `detail` names those there are.",
    "invalid": "A member of the request is missing, unknown or out of bounds. `errors` lists each: "
    "where it is (`pointer`) and what is wrong (`detail`). /docs describes all members.",
    "nothing-to-say": "The article was read, and no words were found in it to speak. Look at what "
    "you sent; `narrator script` shows what is left out of a page, and why.",
    "too-costly": "Reading the article took more time or memory than this service gives to one "
    "document (`read_seconds` and `read_memory`), so it was stopped. Send the article only, "
    "without the rest of its page, or split it. The same document will be stopped again.",
    "host-not-allowed": "The service fetches pages and recordings of the hosts only that it was "
    "told to, and this is none of them (a redirect may have led there). Whoever runs it adds hosts "
    "to `hosts`. Or send the page itself as `html`.",
    "page-not-fetched": "The page could not be had from its server; `detail` says what happened. "
    "See whether it opens in a browser, and ask again later. Or send the page itself as `html`.",
    "unreadable": "What was sent or found is no article that can be read: binary data, a broken "
    "encoding, a listing. `detail` says what it was taken for.",
    "recording-unreadable": "The article names a recording to be played in the place of speech, "
    "and what is there is no sound, is silent or lasts too long. `detail` says which. Correct the "
    "address, or take it out to have the article spoken.",
    "storage-full": "The disk of the service is full, so nothing is spoken; what was made before "
    "can be heard. Whoever runs it makes room with `narrator library gc`.",
    "not-ready": "A part that the service needs does not work; `checks` says which, and what is "
    "wrong with it. What was made before can be heard.",
    "internal": "This is a fault of the service. The log tells more under the id that the answer "
    "has in `X-Request-Id`: tell it to whoever runs the service.",
    "method-not-allowed": "The address exists but does not take this method; `Allow` names those "
    "that it takes.",
    "not-acceptable": "It cannot be answered in a form that `Accept` allows. Leave the header out.",
    "too-slow": "The request did not come to its end in time. Send it again over a better "
    "connection.",
    "wrong-content-type": "The body must be JSON, and `Content-Type: application/json` must say "
    "so.",
    "address-too-long": "The path with its query is longer than any address here. What belongs "
    "into the body of a request does not fit into its address.",
    "head-too-large": "The request line and the headers are too long. A cookie or a token that "
    "does not belong here is the usual reason.",
    "range-not-satisfiable": "The file ends before the range that was asked for; `Content-Range` "
    "says how long it is.",
}
"""By slug."""
