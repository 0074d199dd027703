//! Material out of domains: who does what, where, when, why and how.

use super::{Material, Sentence, Size, opened, texts};
use crate::data::fill::{capital, fill};
use crate::data::frames::Clauses;
use crate::data::pools::{Domain, Pools};
use crate::data::random::Draw;

/// What a clause says besides who does what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Besides {
    Nothing,
    Place,
    When,
    Why,
    How,
}

/// One clause.
struct Clause<'a> {
    subject: &'a str,
    verb: &'a [String; 3],
    object: &'a str,
    besides: Besides,
    rest: &'a str,
}

/// What has not been used yet: what is asked for stands in one sentence only.
struct Stock<'a> {
    objects: Vec<&'a str>,
    places: Vec<&'a str>,
    whens: Vec<&'a str>,
    whys: Vec<&'a str>,
    hows: Vec<&'a str>,
}

fn all<'a>(list: &'a [String], draw: &mut Draw) -> Vec<&'a str> {
    let mut all: Vec<&str> = list.iter().map(String::as_str).collect();
    draw.shuffle(&mut all);
    all
}

/// Sentences that share their subjects, and questions about them.
pub(super) fn material(size: Size, draw: &mut Draw, pools: &Pools) -> Material {
    let domain = draw.pick(&pools.domains);
    let count = size.texts(draw);
    let subjects = subjects(domain, (count + 1).min(4), draw, pools);
    let mut stock = Stock {
        objects: all(&domain.objects, draw),
        places: all(&domain.places, draw),
        whens: all(&domain.whens, draw),
        whys: all(&domain.whys, draw),
        hows: all(&domain.hows, draw),
    };
    let mut clauses: Vec<Clause<'_>> = Vec::new();
    for _ in 0..(0..count).map(|_| size.sentences(draw)).sum() {
        clauses.extend(clause(domain, &subjects, &clauses, &mut stock, draw));
    }
    let asks = &pools.frames.clauses;
    let mut sentences = Vec::new();
    for clause in &clauses {
        let made = sentence(clause, domain, asks, draw);
        sentences.push(Sentence {
            text: opened(made.text, draw, pools),
            asks: made.asks,
        });
    }
    Material {
        of: vec![domain.name.clone()],
        missing: missing(&clauses, &stock, domain, asks, draw),
        texts: texts(&sentences, size, draw, pools),
    }
}

/// Some of the domain's, some with names of their own.
fn subjects(domain: &Domain, count: usize, draw: &mut Draw, pools: &Pools) -> Vec<String> {
    let named = draw.chance(40);
    draw.some(&domain.subjects, count)
        .into_iter()
        .map(|subject| match subject.strip_prefix("the ").filter(|_| named) {
            Some(rest) => format!("the {} {rest}", pools.words.name(draw)),
            None => subject.clone(),
        })
        .collect()
}

fn clause<'a>(
    domain: &'a Domain,
    subjects: &'a [String],
    known: &[Clause<'a>],
    stock: &mut Stock<'a>,
    draw: &mut Draw,
) -> Option<Clause<'a>> {
    let subject = draw.pick(subjects).as_str();
    let free: Vec<&[String; 3]> = domain
        .verbs
        .iter()
        .filter(|verb| !known.iter().any(|it| it.subject == subject && it.verb == *verb))
        .collect();
    if free.is_empty() {
        return None;
    }
    let verb = *draw.pick(&free);
    let object = stock.objects.pop()?;
    let (besides, rest) = match draw.below(9) {
        0..=1 => (Besides::Place, stock.places.pop()),
        2..=3 => (Besides::When, stock.whens.pop()),
        4..=5 => (Besides::Why, stock.whys.pop()),
        6..=7 => (Besides::How, stock.hows.pop()),
        _ => (Besides::Nothing, None),
    };
    Some(Clause {
        subject,
        verb,
        object,
        besides: rest.map_or(Besides::Nothing, |_| besides),
        rest: rest.unwrap_or_default(),
    })
}

fn sentence(clause: &Clause<'_>, domain: &Domain, asks: &Clauses, draw: &mut Draw) -> Sentence {
    let past = draw.chance(25);
    let verb = &clause.verb[if past { 2 } else { 1 }];
    let (subject, object) = (clause.subject, clause.object);
    let text = match clause.besides {
        Besides::Nothing => format!("{} {verb} {object}.", capital(subject)),
        Besides::When if draw.chance(50) => {
            format!("{}, {subject} {verb} {object}.", capital(clause.rest))
        }
        _ => format!("{} {verb} {object} {}.", capital(subject), clause.rest),
    };
    let mut questions: Vec<&Vec<String>> = vec![&asks.what, &asks.who, &asks.deed];
    let own = match clause.besides {
        Besides::Nothing => None,
        Besides::Place => Some(&asks.place),
        Besides::When => Some(&asks.when),
        Besides::Why => Some(&asks.why),
        Besides::How => Some(&asks.how),
    };
    if let Some(own) = own {
        // What else a sentence says is asked for as often as all the rest.
        questions.extend([own, own]);
    }
    if clause.besides == Besides::When {
        questions.push(&asks.happens);
    }
    draw.shuffle(&mut questions);
    let questions = questions
        .into_iter()
        .take(2)
        .map(|templates| asked(draw.text(templates), clause, past, domain))
        .collect();
    Sentence {
        text,
        asks: questions,
    }
}

fn asked(template: &str, clause: &Clause<'_>, past: bool, domain: &Domain) -> String {
    let text = fill(template, &mut |slot| match slot {
        "s" => clause.subject.to_owned(),
        "v" => clause.verb[0].clone(),
        "vs" => clause.verb[if past { 2 } else { 1 }].clone(),
        "ved" => clause.verb[2].clone(),
        "does" => if past { "did" } else { "does" }.to_owned(),
        "Who" => domain.who.clone(),
        "who" => domain.who.to_lowercase(),
        "w" => clause.rest.to_owned(),
        _ => clause.object.to_owned(),
    });
    capital(&text)
}

/// Questions with a verb, an object or a place that nothing here has.
fn missing(
    clauses: &[Clause<'_>],
    stock: &Stock<'_>,
    domain: &Domain,
    asks: &Clauses,
    draw: &mut Draw,
) -> Vec<String> {
    let mut missing = Vec::new();
    for clause in clauses {
        let mut other = Clause { ..*clause };
        let templates = match draw.below(12) {
            // The same deed, asked for what is not told of it.
            0 if clause.besides != Besides::Place => &asks.place,
            1 if clause.besides != Besides::Why => &asks.why,
            2..=6 => {
                let Some(object) = stock.objects.first() else {
                    continue;
                };
                other.object = object;
                [&asks.place, &asks.when, &asks.who, &asks.why, &asks.deed][draw.below(5)]
            }
            _ => {
                let free: Vec<&[String; 3]> = domain
                    .verbs
                    .iter()
                    .filter(|verb| !clauses.iter().any(|it| it.verb == *verb))
                    .collect();
                if free.is_empty() {
                    continue;
                }
                other.verb = *draw.pick(&free);
                &asks.what
            }
        };
        missing.push(asked(draw.text(templates), &other, draw.chance(25), domain));
    }
    missing
}
