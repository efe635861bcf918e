#pragma once
// Writes the entries of one layer below a root: the file system half of unpack.hpp, one tar entry at a time.
#include <set>

#include "base/result.hpp"
#include "codec/tar.hpp"
#include "oci/runtime_config.hpp"
#include "runtime/beneath.hpp"

namespace iapp::runtime {

class LayerWriter {
public:
    LayerWriter(int root, const oci::IdRange& ids) : root_(root), ids_(ids) {}

    /// Writes one entry; a file's content is read from `tar`.
    Status write(const codec::TarEntry& entry, codec::TarReader& tar);

private:
    struct Place {
        UniqueFd parent;
        std::string name;
    };

    Result<Place> place_of(const std::string& path, bool make_parents);
    Status whiteout(const Place& place, const std::string& folder);
    Status clear(const Place& place, bool keep_folder);
    Status write_file(const Place& place, const codec::TarEntry& entry, codec::TarReader& tar);
    Status write_folder(const Place& place, const codec::TarEntry& entry);
    Status write_symlink(const Place& place, const codec::TarEntry& entry);
    Status write_hard_link(const Place& place, const codec::TarEntry& entry);
    Status check_owner(const codec::TarEntry& entry) const;
    void remember(const std::string& path);

    int root_;
    oci::IdRange ids_;
    std::set<std::string> written_;  ///< by this layer, with all their parents: whiteouts do not touch these
};

}  // namespace iapp::runtime
