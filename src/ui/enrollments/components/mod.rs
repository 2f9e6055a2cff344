//! What only pages about enrollments are made of.

pub mod enroll;
pub mod enroll_into;
pub mod rows;
