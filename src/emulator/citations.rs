//! Sources that a request wants cited, and the passages cited from them.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Characters of one passage, at most.
const PASSAGE_CHARACTERS: usize = 60;
/// Sources cited in one answer.
const MAX_CITED: usize = 3;

/// A source, with the passage that the answer cites.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    title: String,
    /// Where a search result comes from.
    source: Option<String>,
    passage: String,
    location: Value,
}

impl Source {
    /// The citation as Converse spells it.
    pub(super) fn citation(&self) -> Value {
        let mut citation = Map::new();
        citation.insert("title".to_owned(), json!(self.title));
        if let Some(source) = &self.source {
            citation.insert("source".to_owned(), json!(source));
        }
        let passage = json!([{"text": self.passage}]);
        citation.insert("sourceContent".to_owned(), passage);
        citation.insert("location".to_owned(), self.location.clone());
        Value::Object(citation)
    }

    /// A page of the web, as a search would have found it.
    pub(super) fn of_web() -> Self {
        Self {
            title: "[emulator] a page of the web".to_owned(),
            source: None,
            passage: "[emulator] words of a page".to_owned(),
            location: json!({"web": {"url": "https://example.com/emulator", "domain": "example.com"}}),
        }
    }
}

/// The first sources of a conversation that allow to be cited.
pub(super) fn sources(body: &Value) -> Vec<Source> {
    let mut documents = 0;
    let mut results = 0;
    let mut found = Vec::new();
    let messages = items(body.get("messages"));
    for block in messages.flat_map(|message| items(message.get("content"))) {
        if let Some(document) = block.get("document") {
            found.extend(is_cited(document).then(|| of_document(document, documents)));
            documents += 1;
        }
        if let Some(result) = block.get("searchResult") {
            found.extend(is_cited(result).then(|| of_search_result(result, results)));
            results += 1;
        }
    }
    found.truncate(MAX_CITED);
    found
}

fn is_cited(source: &Value) -> bool {
    source.pointer("/citations/enabled") == Some(&Value::Bool(true))
}

/// By characters where there is text, by chunks where there are chunks, else by pages.
fn of_document(document: &Value, index: usize) -> Source {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    let (passage, location) = if let Some(text) = text("/source/text") {
        by_characters(text, index)
    } else if let Some(chunk) = text("/source/content/0/text") {
        let location = json!({"documentChunk": {"documentIndex": index, "start": 0, "end": 1}});
        (passage(chunk), location)
    } else if let Some(text) = text("/source/bytes").and_then(plain_text) {
        by_characters(&text, index)
    } else {
        let location = json!({"documentPage": {"documentIndex": index, "start": 1, "end": 2}});
        ("[emulator] words of the first page".to_owned(), location)
    };
    Source {
        title: text("/name").unwrap_or_default().to_owned(),
        source: None,
        passage,
        location,
    }
}

fn of_search_result(result: &Value, index: usize) -> Source {
    let text = |pointer: &str| result.pointer(pointer).and_then(Value::as_str);
    Source {
        title: text("/title").unwrap_or_default().to_owned(),
        source: text("/source").map(str::to_owned),
        passage: passage(text("/content/0/text").unwrap_or_default()),
        location: json!({"searchResultLocation": {"searchResultIndex": index, "start": 0, "end": 1}}),
    }
}

fn by_characters(text: &str, index: usize) -> (String, Value) {
    let passage = passage(text);
    let end = passage.chars().count();
    let location = json!({"documentChar": {"documentIndex": index, "start": 0, "end": end}});
    (passage, location)
}

fn passage(text: &str) -> String {
    text.chars().take(PASSAGE_CHARACTERS).collect()
}

/// The text of a file, if it is one.
fn plain_text(encoded: &str) -> Option<String> {
    let bytes = aws_smithy_types::base64::decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    (!text.starts_with("%PDF")).then_some(text)
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locations(content: &Value) -> Vec<Value> {
        let body = json!({"messages": [{"role": "user", "content": content}]});
        let sources = sources(&body);
        sources
            .iter()
            .map(|source| source.citation()["location"].clone())
            .collect()
    }

    #[test]
    fn each_kind_of_source_is_cited_in_its_own_way() {
        let cited = json!({"enabled": true});
        let document = |source: Value| json!({"document": {"name": "d", "source": source, "citations": cited}});
        let result = json!({"searchResult": {
            "source": "s", "title": "t", "content": [{"text": "x"}], "citations": cited}});

        assert_eq!(
            locations(&json!([
                document(json!({"text": "abc"})),
                document(json!({"bytes": "JVBERi0xLjcK"}))
            ])),
            [
                json!({"documentChar": {"documentIndex": 0, "start": 0, "end": 3}}),
                json!({"documentPage": {"documentIndex": 1, "start": 1, "end": 2}})
            ]
        );
        assert_eq!(
            locations(&json!([
                document(json!({"content": [{"text": "abc"}]})),
                document(json!({"bytes": "aMOkbGxv"})),
                result
            ])),
            [
                json!({"documentChunk": {"documentIndex": 0, "start": 0, "end": 1}}),
                json!({"documentChar": {"documentIndex": 1, "start": 0, "end": 5}}),
                json!({"searchResultLocation": {"searchResultIndex": 0, "start": 0, "end": 1}})
            ]
        );
    }

    #[test]
    fn what_may_not_be_cited_counts_but_is_not_cited() {
        let content = json!([
            {"document": {"name": "a", "source": {"text": "x"}}},
            {"document": {"name": "b", "source": {"text": "y"}, "citations": {"enabled": false}}},
            {"document": {"name": "c", "source": {"text": "z"}, "citations": {"enabled": true}}}
        ]);

        assert_eq!(
            locations(&content),
            [json!({"documentChar": {"documentIndex": 2, "start": 0, "end": 1}})]
        );
    }
}
