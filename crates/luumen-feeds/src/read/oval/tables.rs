//! The tests, objects, states and variables of an OVAL document, and how they name each other.

use std::collections::HashMap;

use crate::read::{
    ReadError,
    markup::{self, Element},
};

/// A condition or a name inside of an object or a state: `<evr datatype="evr_string" operation="less than">0:1.2-3</evr>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::read) struct Field {
    /// `name`, `evr`, `arch`, `version`, `signature_keyid`, `pattern`, `subexpression`, `text`, …
    pub(in crate::read) name: String,
    /// `equals` where it is not written.
    pub(in crate::read) operation: String,
    /// The value; empty where a variable is named instead.
    pub(in crate::read) value: String,
    /// The variable that holds the values.
    pub(in crate::read) variable: Option<String>,
}

/// What a test names, resolved.
#[derive(Clone, Debug)]
pub(in crate::read) struct Test<'a> {
    /// `rpminfo_test`, `dpkginfo_test`, `textfilecontent54_test`, `uname_test`, …
    pub(in crate::read) kind: &'a str,
    /// `none_exist`, `at_least_one_exists`, …; empty where it is not written.
    pub(in crate::read) existence: &'a str,
    /// What is looked at.
    pub(in crate::read) object: &'a [Field],
    /// What must hold of it. Empty: it need only exist.
    pub(in crate::read) states: Vec<&'a [Field]>,
}

impl<'a> Test<'a> {
    /// The object's field of that name.
    pub(in crate::read) fn looked_at(&self, name: &str) -> Option<&'a Field> {
        self.object.iter().find(|field| field.name == name)
    }

    /// The states' first field of that name.
    pub(in crate::read) fn required(&self, name: &str) -> Option<&'a Field> {
        let mut fields = self.states.iter().copied().flatten();
        fields.find(|field| field.name == name)
    }
}

#[derive(Debug)]
struct Named {
    kind: String,
    existence: String,
    object: Option<String>,
    states: Vec<String>,
}

/// Everything that the criteria of a document's definitions refer to.
#[derive(Debug, Default)]
pub(in crate::read) struct Tables {
    tests: HashMap<String, Named>,
    objects: HashMap<String, Vec<Field>>,
    states: HashMap<String, Vec<Field>>,
    variables: HashMap<String, Vec<String>>,
}

impl Tables {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut tables = Self::default();
        let root = markup::elements(bytes, &is_table_entry, &mut |element| tables.add(&element))?;
        if root != "oval_definitions" {
            return Err(ReadError::other(format!(
                "its root is <{root}>, not <oval_definitions>"
            )));
        }
        Ok(tables)
    }

    /// The test of that id, if the document has it.
    pub(in crate::read) fn test(&self, id: &str) -> Option<Test<'_>> {
        let named = self.tests.get(id)?;
        let object = named.object.as_ref().and_then(|id| self.objects.get(id));
        let states = named.states.iter().filter_map(|id| self.states.get(id));
        Some(Test {
            kind: &named.kind,
            existence: &named.existence,
            object: object.map_or(&[][..], Vec::as_slice),
            states: states.map(Vec::as_slice).collect(),
        })
    }

    /// The values of a constant variable; empty for one that is computed or not there.
    pub(in crate::read) fn values(&self, variable: &str) -> &[String] {
        self.variables.get(variable).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, element: &Element) {
        let Some(id) = element.attribute("id").map(str::to_owned) else {
            return;
        };
        if element.name.ends_with("_test") {
            self.tests.insert(id, named(element));
        } else if element.name.ends_with("_object") {
            self.objects.insert(id, fields(element));
        } else if element.name.ends_with("_state") {
            self.states.insert(id, fields(element));
        } else {
            let values = element.all("value").map(|value| value.text().to_owned());
            self.variables.insert(id, values.collect());
        }
    }
}

fn is_table_entry(name: &str) -> bool {
    ["_test", "_object", "_state", "_variable"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn named(element: &Element) -> Named {
    let object = element.child("object");
    let states = element
        .all("state")
        .filter_map(|state| state.attribute("state_ref"));
    Named {
        kind: element.name.clone(),
        existence: element
            .attribute("check_existence")
            .unwrap_or_default()
            .to_owned(),
        object: object
            .and_then(|object| object.attribute("object_ref"))
            .map(str::to_owned),
        states: states.map(str::to_owned).collect(),
    }
}

fn fields(element: &Element) -> Vec<Field> {
    let field = |child: &Element| Field {
        name: child.name.clone(),
        operation: child.attribute("operation").unwrap_or("equals").to_owned(),
        value: child.text().to_owned(),
        variable: child.attribute("var_ref").map(str::to_owned),
    };
    element.children.iter().map(field).collect()
}
