use super::{definition::Criteria, read};
use crate::read::Collected;

const SAMPLE: &str = r#"<oval_definitions xmlns:l="urn:linux"><definitions>
  <definition id="oval:x:def:1" class="patch"><metadata><affected><platform>Sample Linux 9</platform></affected>
    <reference source="CVE" ref_id="CVE-2024-1"/></metadata>
    <criteria operator="AND"><criterion test_ref="t:os" comment="Sample Linux 9 is installed"/>
      <criteria operator="OR"><criteria operator="AND"><criterion test_ref="t:a" comment="a is earlier than 1-2"/>
        <criterion test_ref="t:key" comment="a is signed"/></criteria><criterion test_ref="t:b" comment="b is earlier than 1-2"/></criteria>
    </criteria></definition>
  <definition id="oval:x:def:2" class="patch"><criteria operator="XOR"><criterion test_ref="t:a"/></criteria></definition>
</definitions>
<tests><l:rpminfo_test id="t:a" comment="a is earlier"><l:object object_ref="o:a"/><l:state state_ref="s:1"/></l:rpminfo_test></tests>
<objects><l:rpminfo_object id="o:a"><l:name>a</l:name></l:rpminfo_object></objects>
<states><l:rpminfo_state id="s:1"><l:evr operation="less than">0:1-2</l:evr></l:rpminfo_state></states>
<variables><constant_variable id="v:1"><value>one</value><value>two</value></constant_variable></variables></oval_definitions>"#;

#[test]
fn a_package_test_comes_with_the_conditions_beside_it() {
    let mut sink = Collected::default();
    let mut seen = Vec::new();
    read(SAMPLE.as_bytes(), &mut sink, &mut |tables, definition, _| {
        assert_eq!(definition.references("cve").collect::<Vec<_>>(), ["CVE-2024-1"]);
        assert_eq!(definition.platforms().collect::<Vec<_>>(), ["Sample Linux 9"]);
        assert_eq!(tables.values("v:1"), ["one", "two"]);
        let criteria = definition.criteria.as_ref().expect("a tree");
        for leaf in criteria.leaves(&|criterion| criterion.comment.contains("earlier")) {
            let beside = leaf.conditions.iter().flat_map(|tree| tree.tests());
            let beside: Vec<_> = beside.map(|test| test.test.clone()).collect();
            seen.push((leaf.criterion.test.clone(), beside));
        }
        let test = tables.test("t:a").expect("the test");
        assert_eq!(
            test.looked_at("name").map(|field| field.value.as_str()),
            Some("a")
        );
        assert_eq!(
            test.required("evr").map(|field| field.operation.as_str()),
            Some("less than")
        );
        assert!(tables.test("t:b").is_none());
    })
    .expect("a document");
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].1, ["t:os", "t:key"]);
    assert_eq!(seen[1].1, ["t:os"]);
}

#[test]
fn a_tree_that_we_cannot_read_is_a_problem_of_that_definition() {
    let mut sink = Collected::default();
    read(SAMPLE.as_bytes(), &mut sink, &mut |_, _, _| {}).expect("a document");
    assert_eq!(sink.problems.len(), 1);
    assert_eq!(sink.problems[0].entry, "oval:x:def:2");
}

#[test]
fn what_stands_under_a_not_is_no_leaf() {
    let test = |id: &str| {
        Criteria::Test(super::Criterion {
            test: id.into(),
            comment: String::new(),
            negate: false,
        })
    };
    let tree = Criteria::All(vec![test("a"), Criteria::Not(Box::new(test("b")))]);
    assert_eq!(tree.leaves(&|_| true).len(), 1);
}

#[test]
fn another_document_is_refused() {
    let read = |text: &str| read(text.as_bytes(), &mut Collected::default(), &mut |_, _, _| {});
    assert!(read("<updates/>").is_err());
    assert!(read("<oval_definitions><definitions>").is_err());
}
