//! What a store is put through, seen from a client of its master.

use super::cluster;
use super::redis::Persistence;
use super::resp::Reply;
use super::store::{Kind, Loses, Store, StoreAct};
use crate::delivery::SOURCE;

fn get(store: &Store) -> Reply {
    store.servers[store.master].ask(&["GET", "k"]).unwrap()
}

fn set(store: &Store, value: &str) {
    store.servers[store.master].ask(&["SET", "k", value]).unwrap();
}

fn text(value: &str) -> Reply {
    Reply::Text(value.into())
}

#[test]
fn a_replica_that_caught_up_has_all_and_one_that_was_cut_off_has_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::start(Kind::Pair, folder.path()).unwrap();
    set(&store, "one");
    for act in [StoreAct::CatchUp, StoreAct::Promote, StoreAct::Rejoin] {
        store.apply(act).unwrap();
    }
    assert_eq!((store.master, get(&store)), (1, text("one")));
    store.apply(StoreAct::CutReplica).unwrap();
    set(&store, "two");
    store.apply(StoreAct::Promote).unwrap();
    assert_eq!((store.master, get(&store)), (0, text("one")), "the tail is lost");
    store.apply(StoreAct::Rejoin).unwrap();
}

#[test]
fn a_killed_redis_comes_back_with_what_it_does_not_lose() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::start(Kind::Single(Persistence::Always), folder.path()).unwrap();
    set(&store, "one");
    for (loses, left) in
        [(Loses::Nothing, text("one")), (Loses::Tail(1), text("one")), (Loses::All, Reply::Nil)]
    {
        store.apply(StoreAct::Kill(loses)).unwrap();
        store.heal().unwrap();
        assert_eq!(get(&store), left, "{loses:?}");
    }
}

#[test]
fn a_slot_moves_from_master_to_master_with_all_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::start(Kind::Cluster, folder.path()).unwrap();
    let key = format!("hc1:{{{SOURCE}}}:meta");
    let before = cluster::owner(&store.servers).unwrap();
    store.servers[before].ask(&["HSET", &key, "epoch", "x"]).unwrap();
    for act in [StoreAct::MoveSlot, StoreAct::SayStrangeThings] {
        store.apply(act).unwrap();
    }
    let after = cluster::owner(&store.servers).unwrap();
    assert_ne!(before, after);
    assert_eq!(store.servers[after].ask(&["HGET", &key, "epoch"]).unwrap(), text("x"));
}
