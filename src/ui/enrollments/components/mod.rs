//! The pieces of pages that only enrollments have.

pub mod enroll;
pub mod rows;
