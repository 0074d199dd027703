//! What Spin does to a manifest before it is used, in Spin's order and with Spin's names: triggers get ids, components
//! written in triggers become components of the application, middleware moves from triggers to components.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use crate::{
    Component, Middleware, name,
    trigger_draft::{Head, Named},
};

/// Gives ids to triggers that have none.
pub(crate) fn name_triggers(heads: &mut [&mut Head]) {
    let mut taken: BTreeSet<String> = heads.iter().filter_map(|head| head.id.clone()).collect();
    for head in heads.iter_mut().filter(|head| head.id.is_none()) {
        let kind = head.kind;
        let natural = head
            .component_id()
            .map(|component| format!("{component}-{kind}-trigger"))
            .filter(|id| !taken.contains(id));
        let id = natural.unwrap_or_else(|| first_free(&format!("{kind}-trigger"), |id| taken.contains(id)));
        taken.insert(id.clone());
        head.id = Some(id);
    }
}

/// Moves components that stand in triggers to the others. `components` are tables with their keys, by id.
pub(crate) fn move_inline(heads: &mut [&mut Head], components: &mut BTreeMap<String, (String, Value)>) {
    for head in heads {
        let Some(Named::Inline(table)) = head
            .component
            .take_if(|component| matches!(component, Named::Inline(_)))
        else {
            continue;
        };
        let natural = format!("{}-component", head.id.as_deref().unwrap_or_default());
        let id = if name::is_kebab(&natural) && !components.contains_key(&natural) {
            natural
        } else {
            first_free("inline-component", |id| components.contains_key(id))
        };
        components.insert(id.clone(), (format!("{}.component", head.key), table));
        head.component = Some(Named::Id(id));
    }
}

fn first_free(stem: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut number = 1_u32;
    loop {
        let id = format!("{stem}{number}");
        if !taken(&id) {
            return id;
        }
        number += 1;
    }
}

/// Puts middleware before the components of its triggers. A component with several triggers stays as it is, and each
/// trigger that has middleware gets a copy of its own. All components must be there.
pub(crate) fn move_middleware(
    triggers: Vec<(&mut Head, Vec<Middleware>)>,
    others: &[&Head],
    components: &mut BTreeMap<String, Component>,
) {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let heads = triggers.iter().map(|(head, _)| &**head);
    for id in heads.chain(others.iter().copied()).filter_map(Head::component_id) {
        *uses.entry(id.to_owned()).or_default() += 1;
    }
    for (head, middleware) in triggers {
        let Some(id) = head.component_id().map(str::to_owned) else {
            continue;
        };
        let Some(component) = components.get(&id) else {
            continue;
        };
        if middleware.is_empty() {
            continue;
        }
        let own = match uses.get(&id) {
            Some(1) => id,
            _ => free_id(
                &format!("{id}-for-{}", head.id.as_deref().unwrap_or_default()),
                components,
            ),
        };
        let composed = Component {
            id: own.clone(),
            middleware,
            ..component.clone()
        };
        components.insert(own.clone(), composed);
        head.component = Some(Named::Id(own));
    }
}

fn free_id(natural: &str, components: &BTreeMap<String, Component>) -> String {
    if !components.contains_key(natural) {
        return natural.to_owned();
    }
    first_free(&format!("{natural}-d"), |id| components.contains_key(id))
}
