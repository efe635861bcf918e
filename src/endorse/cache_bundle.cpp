#include "endorse/internal/cache_impl.hpp"

namespace iapp::endorse {
namespace {

/// What the cache holds already lasts as long and says nothing older.
bool is_covered(const std::optional<Held>& there, const Held& offered)
{
    return there && there->facts.until >= offered.facts.until && !first_lower(there->facts.numbers, offered.facts.numbers);
}

}  // namespace

Result<std::string> Cache::export_bundle(std::span<const Key> keys) const
{
    std::vector<Entry> entries;
    for (const Key& key : keys) {
        TRY(std::optional<Stored> stored, impl_->shelf.load(key));
        if (!stored)
            return fail(ErrorKind::not_found, "endorse.not_found",
                        "the cache does not hold " + text(key) + "; fetch it first");
        TRY(const Held held, impl_->believe(std::move(stored->entry)));
        entries.push_back(*held.entry);
    }
    return encode_bundle(entries);
}

Result<std::string> Cache::export_all() const
{
    TRY(std::vector<Entry> stored, impl_->shelf.all());
    std::vector<Entry> entries;
    for (Entry& entry : stored)
        if (const auto held = impl_->believe(std::move(entry))) entries.push_back(*held->entry);
    return encode_bundle(entries);
}

Result<ImportReport> Cache::import_bundle(std::string_view bundle)
{
    TRY(std::vector<Entry> entries, parse_bundle(bundle));
    ImportReport report;
    std::vector<Held> wanted;
    for (Entry& entry : entries) {
        const Key key = key_of(entry);
        TRY(Held offered, impl_->believe(std::move(entry)));
        TRY_OK(impl_->shelf.check_floors(key, offered.facts.numbers));
        TRY(const std::optional<Held> there, impl_->from_disk(key));
        if (is_covered(there, offered)) report.kept.push_back(key);
        else wanted.push_back(std::move(offered));
    }
    for (Held& held : wanted) {
        const Key key = key_of(*held.entry);
        TRY_OK(impl_->shelf.save(*held.entry, held.facts));
        const std::lock_guard lock(impl_->mutex);
        Slot& slot = impl_->slot_of(text(key));
        slot.held = std::move(held);
        slot.pause.clear();
        report.imported.push_back(key);
    }
    return report;
}

}  // namespace iapp::endorse
