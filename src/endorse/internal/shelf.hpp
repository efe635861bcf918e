#pragma once
// Accepted entries on disk, one file per key: replaced whole, synced before anybody relies on it, never by an older one.
// Several processes may share a directory; one directory serves one set of trust anchors.
#include <filesystem>

#include "endorse/entry.hpp"

namespace iapp::endorse {

struct Stored {
    Entry entry;
    Numbers floors;  ///< the highest numbers ever accepted under this key
};

class Shelf {
public:
    explicit Shelf(std::filesystem::path directory) : directory_(std::move(directory)) {}

    /// Nothing when this key was never saved. Errors: corrupt "endorse.store" (the file is not one of ours: the floors are
    /// lost, so somebody must decide to delete it); unavailable "endorse.store".
    Result<std::optional<Stored>> load(const Key& key) const;

    /// Durable when it returns. Errors: conflict "endorse.rollback" (a number is lower than one already accepted, here or by
    /// another process); as load().
    Status save(const Entry& entry, const Facts& facts) const;

    /// Why save() would refuse these numbers.
    Status check_floors(const Key& key, const Numbers& numbers) const;

    /// Every entry, by key. Errors: as load().
    Result<std::vector<Entry>> all() const;

private:
    std::filesystem::path path_of(const Key& key) const;
    Result<std::optional<Stored>> read(const std::filesystem::path& file) const;

    std::filesystem::path directory_;
};

}  // namespace iapp::endorse
