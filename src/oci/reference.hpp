#pragma once
// Image references: "host[:port]/name[/name...][:tag][@sha256:...]" (distribution-spec "Pulling manifests").
// Docker's shorthand is not accepted: a reference that names no registry means different images on different machines.
#include <optional>
#include <string>

#include "oci/digest.hpp"

namespace iapp::oci {

struct ImageReference {
    std::string registry;    ///< "registry.example:5000"; always present
    std::string repository;  ///< "team/app", lower case
    std::optional<std::string> tag;
    std::optional<Digest> digest;

    /// The reference as it was written.
    std::string text() const;

    /// What to ask the registry for: the digest when there is one, else the tag.
    std::string version() const;

    friend bool operator==(const ImageReference&, const ImageReference&) = default;
};

/// Parses a whole reference; a tag, a digest or both must be there.
/// Errors: invalid_input "oci.reference_length", "oci.reference_host", "oci.reference_name", "oci.reference_tag",
/// "oci.reference_version" (neither tag nor digest), "oci.digest".
Result<ImageReference> parse_reference(std::string_view text);

}  // namespace iapp::oci
