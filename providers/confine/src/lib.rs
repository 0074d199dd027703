//! The second wall: what the process of the host may do, whatever a guest does.
