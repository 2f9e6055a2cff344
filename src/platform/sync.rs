use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex whose critical sections all leave the data consistent, so that a poisoned lock is safe to reuse.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
