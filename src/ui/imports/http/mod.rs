//! The requests of imports that are no server functions: the list that is uploaded, and the file with its result.

mod result_file;
mod upload;

pub use result_file::result_file;
pub use upload::upload;
