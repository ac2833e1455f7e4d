//! The API document, pinned: a change of the API shows in review.

use reqwest::Method;

use crate::harness::Edge;

#[test]
fn the_document_is_as_reviewed() {
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("openapi", edge_gateway::router::document());
    });
}

#[tokio::test]
async fn the_document_and_its_pages_need_no_identity() {
    let edge = Edge::start().await;
    let document = edge.bare(Method::GET, "/api-docs/openapi.json").send().await.expect("answer");
    assert_eq!(document.status(), 200);
    let document: serde_json::Value = document.json().await.expect("json");
    assert!(document["paths"]["/api/messages/text"]["post"].is_object());

    let page = edge.bare(Method::GET, "/api-docs/").send().await.expect("answer");
    assert_eq!(page.status(), 200);
    assert!(page.text().await.expect("text").contains("swagger"));
    let page = edge.bare(Method::GET, "/api-docs").send().await.expect("answer");
    assert_eq!(page.status(), 200, "without the slash too");
}
