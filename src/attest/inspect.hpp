#pragma once
// Looking at evidence, logs, certificates and collateral: any format of this room as a tree of names and values for people.
// Judges nothing and needs no collateral: everything shown may be a lie until a verifier has had it.
#include <vector>

#include "attest/evidence.hpp"

namespace iapp::attest {

/// A name with a value, or with fields below it, or both. Values are numbers, hex digits, or text of the document; that text
/// is whoever's wrote it: escape it before a terminal sees it.
struct Field {
    std::string name;
    std::string value;
    std::vector<Field> fields;
};

/// The root's name is the format ("tdx quote"). Forms as unwrap_text() takes them.
/// Errors: invalid_input "attest.evidence_kind" (no format of this room), or the parser's own error for a format that was
/// recognised and is malformed.
Result<Field> inspect(ByteView file);

}  // namespace iapp::attest
