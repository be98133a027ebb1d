/** Functions that only compute from what they are given. What is not here is refused. */
const LISTED = `
  + - * / // % ** ^ & && || << >> ~ ! !~~ !~~* ~~ ~~* ~~~ !__postfix @ ^@ <@ @> <-> ->>
  abs acos add age any_value approx_count_distinct approx_quantile arbitrary arg_max arg_min argmax argmin array_agg
  array_append array_concat array_contains array_distinct array_extract array_has array_has_all array_has_any
  array_length array_position array_slice array_sort array_to_string ascii asin atan atan2 avg base64 bin bit_and
  bit_count bit_length bit_or bit_xor bool_and bool_or cardinality cbrt ceil ceiling century char_length
  character_length chr coalesce combine concat concat_ws contains corr cos cot count count_if count_star countif
  covar_pop covar_samp cume_dist current_date damerau_levenshtein date_add date_diff date_part date_sub date_trunc
  datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month decade degrees
  dense_rank divide editdist3 element_at encode ends_with entropy epoch epoch_ms equi_width_bins era even exp
  factorial favg filter first first_value flatten floor fmod format_bytes from_base64 from_hex fsum gamma gcd geomean
  geometric_mean greatest greatest_common_divisor group_concat grouping hamming hash hex histogram hour if ifnull
  ilike_escape instr isfinite isinf isnan isodow isoyear jaccard jaro_similarity jaro_winkler_similarity julian
  kahan_sum kurtosis lag last last_day last_value lcase lcm lead least least_common_multiple left left_grapheme len
  length length_grapheme levenshtein lgamma like_escape list list_aggregate list_append list_avg list_cat list_concat
  list_contains list_count list_distinct list_element list_extract list_filter list_has list_has_all list_has_any
  list_intersect list_max list_min list_position list_reduce list_reverse list_slice list_sort list_sum list_transform
  list_unique list_value list_zip listagg ln log log10 log2 lower lpad ltrim mad make_date make_time make_timestamp
  map map_entries map_extract map_from_entries map_keys map_values max max_by md5 mean median microsecond millennium
  millisecond min min_by minute mismatches mod mode month monthname multiply not_ilike_escape not_like_escape now
  nth_value ntile nullif octet_length ord percent_rank pi position pow power prefix product quantile quantile_cont
  quantile_disc quarter radians rank rank_dense regexp_extract regexp_extract_all regexp_full_match regexp_matches
  regexp_replace regexp_split_to_array regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
  regr_sxy regr_syy replace reverse right right_grapheme round round_even row row_number rpad rtrim second sem
  sha1 sha256 sign signbit sin skewness split split_part sqrt starts_with stddev stddev_pop stddev_samp str_split
  strftime string_agg string_split string_to_array strip_accents strlen strpos strptime struct_extract struct_pack
  substr substring substring_grapheme subtract suffix sum sumkahan tan time_bucket timezone to_base64 to_centuries
  to_days to_decades to_hours to_microseconds to_milliseconds to_minutes to_months to_seconds to_timestamp to_weeks
  to_years today translate trim trunc try_strptime typeof ucase unhex unicode unnest upper var_pop var_samp variance
  week weekday weekofyear weighted_avg xor year yearweek
`
export const FUNCTIONS: ReadonlySet<string> = new Set(LISTED.trim().split(/\s+/))

/** Functions that stand where a table stands. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest'])
