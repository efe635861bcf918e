#pragma once
// Turns what the owner points at - a file, a folder, or a JSON object - into the typed object that is sealed.
#include <filesystem>

#include "seal/dataset_object.hpp"

namespace iapp::cli {

/// A file becomes one field named after it; a folder one field per entry, folders nested. Contents are read when sealed.
/// Names become keys: a file's extension is dropped, and what is not a letter, a digit, - or _ becomes _.
/// Errors: not_found "protect.input"; invalid_input "protect.entry" (neither file nor folder), "protect.name_twice".
Result<seal::DatasetObject> object_of_path(const std::filesystem::path& path);

/// {"age":41,"email":"a@b.c","member":true,"address":{...}}: numbers become f64. Errors: those of json::parse;
/// invalid_input "protect.json" (null or an array).
Result<seal::DatasetObject> object_of_json(std::string_view text);

/// Bytes of all streamed contents, for progress.
std::uint64_t content_bytes(const seal::DatasetObject& object);

}  // namespace iapp::cli
