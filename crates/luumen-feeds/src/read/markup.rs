//! XML of any size as small trees: the elements that a reader asks for, whole and one at a time.
//!
//! Names are local names; namespaces are not looked at, since publishers write the same element with and without a prefix.
//! Comments and processing instructions are left out, entities other than the five of XML are kept as they are written.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

use super::ReadError;

/// Nothing that we read nests deeper; what does is built to exhaust the stack.
const DEPTH_CAP: usize = 64;

/// An element with everything inside of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::read) struct Element {
    /// Local name.
    pub(in crate::read) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    /// Elements inside, in order.
    pub(in crate::read) children: Vec<Element>,
}

impl Element {
    /// The attribute's value, if it is there and not empty.
    pub(in crate::read) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Its own text without the white space around it.
    pub(in crate::read) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The first child of that name.
    pub(in crate::read) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of that name.
    pub(in crate::read) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of that name, if there is any.
    pub(in crate::read) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }
}

/// Hands every outermost element that `wanted` answers true for to `take`. Answers with the name of the document's root.
pub(in crate::read) fn elements(
    bytes: &[u8],
    wanted: &dyn Fn(&str) -> bool,
    take: &mut dyn FnMut(Element),
) -> Result<String, ReadError> {
    let mut reader = Reader::from_reader(bytes);
    let mut root = None;
    let mut outside = 0_usize;
    loop {
        match reader.read_event().map_err(ReadError::Xml)? {
            Event::Start(start) => {
                root.get_or_insert_with(|| start.local_name().into_inner().to_owned());
                if wanted(start.local_name().into_inner()) {
                    take(whole(&mut reader, &start)?);
                } else {
                    outside += 1;
                }
            }
            Event::Empty(start) => {
                root.get_or_insert_with(|| start.local_name().into_inner().to_owned());
                if wanted(start.local_name().into_inner()) {
                    take(opened(&start)?);
                }
            }
            Event::End(_) => outside = outside.saturating_sub(1),
            Event::Eof if outside > 0 => return Err(ReadError::other("it ends in the middle")),
            Event::Eof => return root.ok_or_else(|| ReadError::other("there is no element in it")),
            _ => {}
        }
    }
}

/// The element that `start` opens, up to its end.
fn whole(reader: &mut Reader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, ReadError> {
    let mut open = vec![opened(start)?];
    loop {
        let event = reader.read_event().map_err(ReadError::Xml)?;
        let depth = open.len();
        let Some(current) = open.last_mut() else {
            return Err(ReadError::other("an element ends that never began"));
        };
        match event {
            Event::Start(_) if depth >= DEPTH_CAP => {
                return Err(ReadError::other(format!(
                    "elements are nested deeper than {DEPTH_CAP}"
                )));
            }
            Event::Start(start) => open.push(opened(&start)?),
            Event::Empty(start) => current.children.push(opened(&start)?),
            Event::Text(text) => current.text.push_str(&text.xml10_content()),
            Event::CData(text) => current.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => push_entity(&mut current.text, &entity)?,
            Event::End(_) => {
                let Some(done) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Ok(done),
                }
            }
            Event::Eof => {
                return Err(ReadError::other(format!(
                    "it ends in the middle of <{}>",
                    current.name
                )));
            }
            _ => {}
        }
    }
}

fn opened(start: &BytesStart<'_>) -> Result<Element, ReadError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| ReadError::Xml(error.into()))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(ReadError::Xml)?;
        let key = attribute.key.local_name().into_inner().to_owned();
        attributes.push((key, value.into_owned()));
    }
    Ok(Element {
        name: start.local_name().into_inner().to_owned(),
        attributes,
        ..Element::default()
    })
}

fn push_entity(text: &mut String, entity: &BytesRef<'_>) -> Result<(), ReadError> {
    if let Some(c) = entity.resolve_char_ref().map_err(ReadError::Xml)? {
        text.push(c);
    } else if let Some(known) = resolve_predefined_entity(entity) {
        text.push_str(known);
    } else {
        text.push('&');
        text.push_str(entity);
        text.push(';');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Element, elements};

    fn read(text: &str) -> Result<Vec<Element>, crate::read::ReadError> {
        let mut found = Vec::new();
        elements(text.as_bytes(), &|name| name == "item", &mut |item| {
            found.push(item)
        })?;
        Ok(found)
    }

    #[test]
    fn wanted_elements_come_whole_and_others_are_walked_through() {
        let found = read(
            r#"<list xmlns:x="urn:x"><part><x:item id="a&amp;b"> one &lt;<b>two</b><![CDATA[ & ]]>&#233; </x:item></part><item/></list>"#,
        )
        .expect("a document");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].attribute("id"), Some("a&b"));
        assert_eq!(found[0].text(), "one < & é");
        assert_eq!(found[0].text_of("b"), Some("two"));
        assert_eq!(
            found[1],
            Element {
                name: "item".into(),
                ..Element::default()
            }
        );
    }

    #[test]
    fn what_is_torn_or_built_to_hurt_is_an_error() {
        let deep = format!("<list><item>{}", "<a>".repeat(100_000));
        for text in [
            "",
            "no markup",
            "<list><item>",
            "<list><item></list>",
            "<list>",
            &deep,
        ] {
            assert!(read(text).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }
}
