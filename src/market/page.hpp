#pragma once
// A page of any list: {"ok":true,"<name>":[...],"count":n[,"nextPage":n]}.
#include <functional>

#include "market/filters.hpp"
#include "store/database.hpp"

namespace iapp::market {

struct PageSource {
    std::string_view name;  ///< of the array
    std::string_view columns;
    std::string_view condition;  ///< " FROM ... WHERE ...", whose parameters are the query's values
    std::string_view order;
};

/// `append` writes one row as JSON. nextPage stands only after a full page, as the npm clients expect. Errors: those of
/// store.
Result<std::string> answer_page(store::Transaction& transaction, const PageSource& source, const ListQuery& query,
                                const std::function<void(std::string&, const store::Rows&)>& append);

}  // namespace iapp::market
