#include "market/page.hpp"

namespace iapp::market {
namespace {

std::vector<store::Value> bind(const ListQuery& query)
{
    std::vector<store::Value> out;
    out.reserve(query.values.size());
    for (const Parameter& value : query.values)
        out.push_back(std::visit([](const auto& held) { return store::Value(held); }, value));
    return out;
}

/// Counts only when the page itself does not tell: it does unless it is full, or empty behind the end.
Result<std::uint64_t> count_all(store::Transaction& transaction, const PageSource& source, const ListQuery& query,
                                std::uint64_t on_page)
{
    const bool is_last = on_page < query.page.limit && (on_page > 0 || query.page.offset == 0);
    if (is_last) return query.page.offset + on_page;
    TRY(auto rows, transaction.query_values("SELECT count(*)" + std::string(source.condition), bind(query)));
    TRY_OK(rows.next());
    return static_cast<std::uint64_t>(rows.integer(0));
}

}  // namespace

Result<std::string> answer_page(store::Transaction& transaction, const PageSource& source, const ListQuery& query,
                                const std::function<void(std::string&, const store::Rows&)>& append)
{
    std::string sql = "SELECT ";
    sql.append(source.columns)
        .append(source.condition)
        .append(" ORDER BY ")
        .append(source.order)
        .append(" LIMIT ? OFFSET ?");
    std::vector<store::Value> values = bind(query);
    values.emplace_back(query.page.limit);
    values.emplace_back(query.page.offset);
    TRY(auto rows, transaction.query_values(sql, values));

    std::string out = "{\"ok\":true,\"" + std::string(source.name) + "\":[";
    std::uint64_t on_page = 0;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) break;
        if (on_page++ > 0) out += ',';
        append(out, rows);
    }
    TRY(const std::uint64_t total, count_all(transaction, source, query, on_page));
    out += "],\"count\":" + std::to_string(total);
    if (on_page == query.page.limit) out += ",\"nextPage\":" + std::to_string(query.page.offset + query.page.limit);
    return out + '}';
}

}  // namespace iapp::market
