//! Which row may go next: in the roster's order, but never two of one Space at a time.

use std::collections::{HashMap, HashSet, VecDeque};

/// A row that is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Todo {
    /// Its number in the roster, from 0.
    pub index: u32,
    /// Its Space, as in its task.
    pub space: u32,
    /// Whether an earlier run may have made the Space for this very row.
    pub may_have_acted: bool,
}

/// The rows that are not under way yet.
pub struct Queue {
    todo: VecDeque<Todo>,
    /// Rows whose Space is busy, in their order.
    waiting: HashMap<u32, VecDeque<Todo>>,
    /// Rows whose Space was kept for them.
    ready: VecDeque<Todo>,
    busy: HashSet<u32>,
}

impl Queue {
    /// All rows, in the order in which they are to go.
    pub fn new(todo: Vec<Todo>) -> Self {
        let (waiting, ready, busy) = (HashMap::new(), VecDeque::new(), HashSet::new());
        Self { todo: todo.into(), waiting, ready, busy }
    }

    /// The next row whose Space is free; the Space is busy from then on.
    pub fn next(&mut self) -> Option<Todo> {
        if let Some(todo) = self.ready.pop_front() {
            return Some(todo);
        }
        while let Some(todo) = self.todo.pop_front() {
            if self.busy.insert(todo.space) {
                return Some(todo);
            }
            self.waiting.entry(todo.space).or_default().push_back(todo);
        }
        None
    }

    /// A row of this Space has come to its end.
    pub fn free(&mut self, space: u32) {
        if let Some(next) = self.waiting.get_mut(&space).and_then(VecDeque::pop_front) {
            self.ready.push_back(next);
        } else {
            self.waiting.remove(&space);
            self.busy.remove(&space);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_space_go_one_after_the_other_in_their_order() {
        let row = |(index, space)| Todo { index, space, may_have_acted: false };
        let mut queue = Queue::new([(0, 7), (1, 7), (2, 8), (3, 7), (4, 9)].map(row).to_vec());
        let next = |queue: &mut Queue| queue.next().map(|todo| todo.index);
        assert_eq!(
            [next(&mut queue), next(&mut queue), next(&mut queue)],
            [Some(0), Some(2), Some(4)]
        );
        assert_eq!(next(&mut queue), None, "1 and 3 wait for 0");
        queue.free(8);
        assert_eq!(next(&mut queue), None);
        queue.free(7);
        assert_eq!(next(&mut queue), Some(1));
        assert_eq!(next(&mut queue), None);
        queue.free(7);
        assert_eq!(next(&mut queue), Some(3));
        queue.free(7);
        assert_eq!(next(&mut queue), None);
    }
}
