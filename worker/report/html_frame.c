/* html_frame.c - what stands around a report: head, title, contents, foot. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "html_assets.h"
#include "html_page.h"

#define HASH_TEXT_SIZE 64 /* "'sha256-" and base64 of 32 bytes */

/* How a policy names the one inline text that it lets in. */
static void hash_of(const char *text, char out[HASH_TEXT_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char base64[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    sodium_bin2base64(base64, sizeof base64, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, HASH_TEXT_SIZE, "'sha256-%s'", base64);
}

/* Nothing is loaded, and nothing runs but our own script: even if a text of the report got into the
 * page unescaped, it would do nothing. */
static void put_policy(struct html *html)
{
    char style[HASH_TEXT_SIZE], script[HASH_TEXT_SIZE], policy[512];
    hash_of(html_style, style);
    hash_of(html_script, script);
    snprintf(policy, sizeof policy,
             "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'",
             style, script);
    html_void(html, "meta", "http-equiv", "Content-Security-Policy", "content", policy, NULL);
}

static void put_head(struct html *html, const struct html_page *page)
{
    html_open(html, "head", NULL);
    html_void(html, "meta", "charset", "utf-8", NULL);
    put_policy(html);
    html_void(html, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1",
              NULL);
    html_void(html, "meta", "name", "color-scheme", "content", "light dark", NULL);
    html_void(html, "meta", "name", "referrer", "content", "no-referrer", NULL);
    html_void(html, "meta", "name", "generator", "content", "gpmq", NULL);
    html_open(html, "title", NULL);
    html_format(html, "%s - %s", page->title, page->kind);
    html_close(html, "title");
    html_open(html, "style", NULL);
    html_constant(html, html_style);
    html_close(html, "style");
    html_close(html, "head");
}

static void put_banner(struct html *html, const struct html_page *page)
{
    html_open(html, "header", "class", "banner", NULL);
    html_put(html, "p", "kind", page->kind);
    html_put(html, "h1", NULL, page->title);
    if (*page->subtitle)
        html_put(html, "p", "subtitle", page->subtitle);
    if (page->facts_count) {
        html_open(html, "dl", "class", "overview", NULL);
        for (size_t i = 0; i < page->facts_count; i++) {
            html_open(html, "div", NULL);
            html_put(html, "dt", NULL, page->facts[i].name);
            html_put(html, "dd", NULL, page->facts[i].value);
            html_close(html, "div");
        }
        html_close(html, "dl");
    }
    html_close(html, "header");
}

/* Without the script there is nothing to search with, so these show only when it runs. */
static void put_tools(struct html *html)
{
    html_open(html, "div", "class", "tools", "id", "tools", "role", "search", "hidden", "", NULL);
    html_open(html, "label", "for", "find", NULL);
    html_text(html, "Find in this report");
    html_close(html, "label");
    html_void(html, "input", "id", "find", "type", "search", "autocomplete", "off", "spellcheck",
              "false", "placeholder", "Name, value, key ...", NULL);
    html_open(html, "p", "id", "found", "class", "found", "role", "status", NULL);
    html_close(html, "p");
    html_open(html, "div", "class", "buttons", NULL);
    html_open(html, "button", "type", "button", "id", "open", NULL);
    html_text(html, "Open all");
    html_close(html, "button");
    html_open(html, "button", "type", "button", "id", "fold", NULL);
    html_text(html, "Fold all");
    html_close(html, "button");
    html_close(html, "div");
    html_close(html, "div");
}

static void put_entry(struct html *html, const struct html_entry *entry)
{
    char anchor[HTML_ANCHOR_SIZE + 1];
    snprintf(anchor, sizeof anchor, "#s%zu", entry->anchor);
    html_open(html, "a", "href", anchor, NULL);
    html_put(html, "span", NULL, entry->title);
    if (entry->items && entry->level == HTML_AREA) {
        html_open(html, "span", "class", "count", NULL);
        html_format(html, "%zu", entry->items);
        html_close(html, "span");
    }
    html_close(html, "a");
}

static void put_contents(struct html *html, const struct html_page *page)
{
    html_open(html, "nav", "class", "side", "aria-label", "Contents", NULL);
    put_tools(html);
    html_open(html, "ul", "class", "contents", NULL);
    for (size_t i = 0; i < page->entries_count;) {
        html_open(html, "li", NULL);
        put_entry(html, &page->entries[i++]);
        bool areas = i < page->entries_count && page->entries[i].level == HTML_AREA;
        if (areas)
            html_open(html, "ul", NULL);
        for (; i < page->entries_count && page->entries[i].level == HTML_AREA; i++) {
            html_open(html, "li", NULL);
            put_entry(html, &page->entries[i]);
            html_close(html, "li");
        }
        if (areas)
            html_close(html, "ul");
        html_close(html, "li");
    }
    html_close(html, "ul");
    html_close(html, "nav");
}

static void put_warning(struct html *html, const struct html_page *page)
{
    if (!page->secrets)
        return;
    html_open(html, "p", "class", "warning", NULL);
    html_open(html, "strong", NULL);
    html_format(html, "%zu stored %s.", page->secrets,
                page->secrets == 1 ? "password" : "passwords");
    html_close(html, "strong");
    html_text(html, " Everyone who may read this GPO can decrypt what preferences store. ");
    html_open(html, "a", "href", "#secret1", NULL);
    html_text(html, page->secrets == 1 ? "Show the item" : "Show the first item");
    html_close(html, "a");
    html_close(html, "p");
}

static void put_body(struct html *html, struct html_page *page)
{
    html_open(html, "body", NULL);
    html_open(html, "a", "class", "skip", "href", "#report", NULL);
    html_text(html, "Skip to the report");
    html_close(html, "a");
    put_banner(html, page);
    html_open(html, "div", "class", "columns", NULL);
    put_contents(html, page);
    html_open(html, "main", "id", "report", "tabindex", "-1", NULL);
    put_warning(html, page);
    html_join(html, &page->body);
    html_open(html, "p", "id", "none", "class", "nothing", "hidden", "", NULL);
    html_text(html, "Nothing in this report matches.");
    html_close(html, "p");
    html_close(html, "main");
    html_close(html, "div");
    html_open(html, "footer", NULL);
    html_put(html, "p", NULL, "Made by gpmq. This page needs no other file and no network.");
    html_close(html, "footer");
    html_open(html, "script", NULL);
    html_constant(html, html_script);
    html_close(html, "script");
    html_close(html, "body");
}

int html_page_end(struct html_page *page, char **out, size_t *size, struct gpmq_error *err)
{
    __attribute__((cleanup(html_free))) struct html html = {0};
    html_constant(&html, "<!DOCTYPE html>\n");
    html_open(&html, "html", "lang", "en", NULL);
    put_head(&html, page);
    put_body(&html, page);
    html_close(&html, "html");
    return html_end(&html, out, size, err);
}
