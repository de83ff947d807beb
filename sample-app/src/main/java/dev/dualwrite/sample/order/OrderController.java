package dev.dualwrite.sample.order;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import org.springframework.data.web.PagedModel;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Orders over HTTP. */
@RestController
@RequestMapping("/orders")
class OrderController {

    private final OrderService orders;

    OrderController(OrderService orders) {
        this.orders = orders;
    }

    @PostMapping
    ResponseEntity<OrderResponse> create(@Valid @RequestBody OrderRequest request) {
        OrderResponse created = OrderResponse.of(orders.create(request));
        URI location = ServletUriComponentsBuilder.fromCurrentRequestUri()
                .path("/{id}")
                .build(created.id());
        return ResponseEntity.created(location).body(created);
    }

    @GetMapping("/{id}")
    OrderResponse find(@PathVariable long id) {
        return orders.find(id).map(OrderResponse::of).orElseThrow(() -> new OrderNotFoundException(id));
    }

    @PutMapping("/{id}")
    OrderResponse replace(@PathVariable long id, @Valid @RequestBody OrderRequest request) {
        return orders.replace(id, request).map(OrderResponse::of).orElseThrow(() -> new OrderNotFoundException(id));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable long id) {
        if (!orders.delete(id)) {
            throw new OrderNotFoundException(id);
        }
    }

    /**
     * One page of orders.
     *
     * @param page from 0; one past the last is empty. The limit keeps the offset within what a query can take
     */
    @GetMapping
    PagedModel<OrderResponse> page(@RequestParam(defaultValue = "0") @Min(0) @Max(10_000_000) int page) {
        return new PagedModel<>(orders.page(page).map(OrderResponse::of));
    }
}
