#pragma once
// Memory for JSON that carries keys: wiped when given back. For .cpp files of this room.
#include <boost/json/memory_resource.hpp>
#include <new>

#include "crypto/secret.hpp"

namespace iapp::wire::internal {

class WipingMemory final : public boost::json::memory_resource {
    void* do_allocate(std::size_t size, std::size_t alignment) override
    {
        return ::operator new (size, std::align_val_t{alignment});
    }
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override
    {
        crypto::wipe({static_cast<std::uint8_t*>(memory), size});
        ::operator delete (memory, size, std::align_val_t{alignment});
    }
    bool do_is_equal(const boost::json::memory_resource& other) const noexcept override { return this == &other; }
};

}  // namespace iapp::wire::internal
