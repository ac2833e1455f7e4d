//! The stores that stories run on.

/// Where the cores of a town keep their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// In a folder; one core.
    Embedded,
    /// In a database of its own on the MongoDB that all tests share.
    MongoDb,
}

/// Makes tests out of stories: `story::embedded` and `story::mongodb` of every one that is named.
///
/// A story is an `async fn story(store: Store)`; one that is not named is dead code, so none is
/// forgotten. With `threads = n;` in front the test itself runs on several threads.
macro_rules! on_both_stores {
    (threads = $threads:literal; $($story:ident),+ $(,)?) => {$(
        $crate::kit::on_both_stores! {
            @ (#[tokio::test(flavor = "multi_thread", worker_threads = $threads)]) $story
        }
    )+};
    (@ ($($test:tt)+) $story:ident) => {
        mod $story {
            $($test)+
            async fn embedded() {
                super::$story($crate::kit::Store::Embedded).await;
            }

            $($test)+
            async fn mongodb() {
                super::$story($crate::kit::Store::MongoDb).await;
            }
        }
    };
    ($($story:ident),+ $(,)?) => {$(
        $crate::kit::on_both_stores! { @ (#[tokio::test]) $story }
    )+};
}
pub(crate) use on_both_stores;
