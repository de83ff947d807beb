package dev.dualwrite.sample.order;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.validation.FieldError;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Answers what went wrong as RFC 9457 problem details; each 400 names its fields, in words and in the list {@code errors}. */
@RestControllerAdvice
class OrderProblems extends ResponseEntityExceptionHandler {

    /** One thing that is wrong with a request. */
    record FieldProblem(String field, String problem) {}

    @ExceptionHandler
    ProblemDetail notFound(OrderNotFoundException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, e.getMessage());
    }

    @ExceptionHandler
    ProblemDetail invalid(InvalidOrderException e) {
        return badRequest(List.of(new FieldProblem(e.field(), e.problem())));
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        List<FieldProblem> problems = e.getFieldErrors().stream()
                .map(error -> new FieldProblem(error.getField(), message(error)))
                .distinct()
                .sorted((a, b) -> a.field().compareTo(b.field()))
                .toList();
        return handleExceptionInternal(e, badRequest(problems), headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        List<FieldProblem> problems = e.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream()
                        .map(error -> new FieldProblem(
                                String.valueOf(result.getMethodParameter().getParameterName()), message(error))))
                .toList();
        return handleExceptionInternal(e, badRequest(problems), headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (e instanceof MethodArgumentTypeMismatchException mismatch) {
            var problem = new FieldProblem(mismatch.getName(), "is not a whole number, or too large a one");
            return handleExceptionInternal(e, badRequest(List.of(problem)), headers, status, request);
        }
        return super.handleTypeMismatch(e, headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handleExceptionInternal(e, unreadable(e.getCause()), headers, status, request);
    }

    private static ProblemDetail unreadable(@Nullable Throwable cause) {
        if (cause instanceof MismatchedInputException mismatch
                && !mismatch.getPath().isEmpty()) {
            Class<?> type = mismatch.getTargetType();
            String expected = type != null && type.isEnum()
                    ? "must be one of " + List.of(type.getEnumConstants())
                    : "has the wrong type or does not fit, expected "
                            + (type == null ? "another" : type.getSimpleName());
            return badRequest(List.of(new FieldProblem(path(mismatch), expected)));
        }
        if (cause instanceof StreamReadException malformed
                && !malformed.getPath().isEmpty()) {
            return badRequest(List.of(new FieldProblem(path(malformed), "cannot be read: " + where(malformed))));
        }
        String detail = cause instanceof JacksonException e ? where(e) : "the body is missing";
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, detail);
    }

    private static String where(JacksonException e) {
        return e.getLocation() == null
                ? "the body is not the JSON of an order"
                : "the body is not the JSON of an order, see line "
                        + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }

    /** In the form that validation uses: {@code lines[0].quantity}. */
    private static String path(JacksonException e) {
        var path = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return path.toString();
    }

    private static ProblemDetail badRequest(List<FieldProblem> problems) {
        String detail =
                problems.stream().map(p -> p.field() + " " + p.problem()).collect(Collectors.joining("; "));
        ProblemDetail body = ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, detail);
        body.setProperty("errors", problems);
        return body;
    }

    private static String message(MessageSourceResolvable error) {
        return error instanceof FieldError field && field.isBindingFailure()
                ? "has the wrong type"
                : String.valueOf(error.getDefaultMessage());
    }
}
