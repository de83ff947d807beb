package dev.dualwrite.sample.order;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;

/** What a client says an order is: the body of POST and PUT. What it does not know it ignores, so an answer can be sent back. */
public record OrderRequest(
        @NotBlank @Size(max = 200) @Pattern(regexp = OrderRequest.TEXT, message = OrderRequest.NO_TEXT)
        String customer,

        @NotNull OrderStatus status,

        @NotEmpty @Size(max = 100) List<@NotNull @Valid Line> lines) {

    /** No control characters and no half surrogates: the first PostgreSQL or a terminal chokes on, the second UTF-8 cannot say. */
    static final String TEXT = "[^\\p{Cc}\\p{Cs}]*";

    static final String NO_TEXT = "must have no control characters and no unpaired surrogates";

    /** One line of it. */
    public record Line(
            @NotBlank @Size(max = 64) @Pattern(regexp = TEXT, message = NO_TEXT)
            String sku,

            @NotNull @Min(1) @Max(1_000_000) Integer quantity,

            @NotNull @Min(0) @Max(1_000_000_000) Long unitPriceCents) {}
}
